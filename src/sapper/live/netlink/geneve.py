"""IFLA_GENEVE_*, from the Plan's record and back.

A TTL of 0 is the route's hop limit, and TOS 1 copies the inner packet's. Source: include/uapi/linux/if_link.h,
drivers/net/geneve.c (geneve_nl2info).
"""

from __future__ import annotations

from sapper.kernel.plan import GeneveHeader
from sapper.live.netlink.attribute import address_of, attribute, be16, be32, parse_attributes, u8, u32, u32_of
from sapper.live.netlink.outer_header import TOS_INHERIT, be_number, octet
from sapper.live.netlink.vxlan import DF_NAMES, DF_NUMBERS

ID, REMOTE, TTL, TOS, PORT = range(1, 6)
REMOTE6, LABEL, DF, INNER_PROTO_INHERIT = 7, 11, 13, 14


def encode_geneve(header: GeneveHeader) -> bytes:
    parts = [
        u32(ID, header.vni),
        attribute(REMOTE if header.remote.family == 4 else REMOTE6, header.remote.packed),
        u8(TTL, header.ttl),
        u8(TOS, TOS_INHERIT if header.tos is None else header.tos),
        be16(PORT, header.port),
        u8(DF, DF_NUMBERS[header.df]),
    ]
    if header.flow_label:
        parts.append(be32(LABEL, header.flow_label))
    if header.inner_protocol:
        parts.append(attribute(INNER_PROTO_INHERIT, b""))
    return b"".join(parts)


def decode_geneve(data: bytes) -> GeneveHeader:
    """The record of a device. Raises ValueError for one without a far end."""
    attributes = parse_attributes(data)
    remote = address_of(attributes.get(REMOTE)) or address_of(attributes.get(REMOTE6))
    if remote is None:
        raise ValueError("a geneve device without a far end")
    tos = octet(attributes, TOS)
    return GeneveHeader(
        vni=u32_of(attributes.get(ID)) or 0,
        remote=remote,
        port=be_number(attributes, PORT),
        ttl=octet(attributes, TTL),
        tos=None if tos & TOS_INHERIT else tos,
        df=DF_NAMES.get(octet(attributes, DF), "unset"),
        flow_label=be_number(attributes, LABEL),
        inner_protocol=INNER_PROTO_INHERIT in attributes,
    )
