"""IFLA_GRE_*: gre, gretap, erspan, and the same over IPv6, from the Plan's record and back.

Everything that the Plan knows is sent, also where it equals the kernel's default, so that the device is what the Plan
says on every kernel. The direction and the hardware id are ERSPAN version 2's, the index is version 1's. Source:
include/uapi/linux/if_tunnel.h, net/ipv4/ip_gre.c, net/ipv6/ip6_gre.c.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from sapper.kernel.plan import Encapsulating, ErspanHeader
from sapper.live.netlink.attribute import attribute, be16, be32, u8, u16, u32, u32_of
from sapper.live.netlink.outer_header import (
    be_number,
    flags6,
    flow_information,
    flow_label,
    inherits,
    kinds_of,
    limit,
    named,
    octet,
    packed,
    tos_octet,
    type_of_service,
)

GRE_KEY = 0x2000  # RFC 2890 2: the K bit as it stands on the wire
GRE_SEQUENCE = 0x1000  # RFC 2890 2: the S bit
IPPROTO_GRE = 47

LINK, IFLAGS, OFLAGS, IKEY, OKEY, LOCAL, REMOTE, TTL, TOS, PMTUDISC, ENCAP_LIMIT, FLOWINFO, FLAGS = range(1, 14)
IGNORE_DF = 19
ERSPAN_INDEX, ERSPAN_VER, ERSPAN_DIR, ERSPAN_HWID = range(21, 25)

GRE_KINDS = kinds_of("IFLA_GRE")


def encode_gre(kind: str, tunnel: Encapsulating, below: int | None) -> bytes:
    """``below`` is the index of ``tunnel.link``."""
    family = GRE_KINDS[kind]
    flags = (0 if tunnel.key is None else GRE_KEY) | (GRE_SEQUENCE if tunnel.sequence else 0)
    parts = [
        be16(IFLAGS, flags),
        be16(OFLAGS, flags),
        be32(IKEY, tunnel.key or 0),
        be32(OKEY, tunnel.key or 0),
        attribute(LOCAL, packed(family, tunnel.local)),
        attribute(REMOTE, packed(family, tunnel.remote)),
        u8(TTL, tunnel.ttl),
    ]
    if below is not None:
        parts.append(u32(LINK, below))
    if family == 4:
        parts.append(u8(TOS, tos_octet(tunnel)))
        parts.append(u8(PMTUDISC, tunnel.pmtu_discovery))
        if tunnel.ignore_df:
            parts.append(u8(IGNORE_DF, 1))
    else:
        parts.append(u8(ENCAP_LIMIT, tunnel.encaplimit or 0))
        parts.append(be32(FLOWINFO, flow_information(tunnel)))
        parts.append(u32(FLAGS, flags6(tunnel)))
    if tunnel.erspan is not None:
        parts.extend(_encode_erspan(tunnel.erspan))
    return b"".join(parts)


def decode_gre(kind: str, attributes: Mapping[int, bytes], names: Mapping[int, str]) -> Encapsulating:
    family = GRE_KINDS[kind]
    on_wire = be_number(attributes, OFLAGS)
    flags = u32_of(attributes.get(FLAGS)) or 0
    information = be_number(attributes, FLOWINFO)
    tos = octet(attributes, TOS)
    return Encapsulating(
        protocol=IPPROTO_GRE,
        local=named(attributes.get(LOCAL)),
        remote=named(attributes.get(REMOTE)),
        link=names.get(u32_of(attributes.get(LINK)) or 0),
        key=be_number(attributes, OKEY) if on_wire & GRE_KEY else None,
        ttl=octet(attributes, TTL),
        tos_inherit=inherits(family, tos, flags),
        tos=type_of_service(family, tos, information),
        flow_label=flow_label(family, information, flags),
        pmtu_discovery=family == 6 or bool(octet(attributes, PMTUDISC)),
        ignore_df=bool(octet(attributes, IGNORE_DF)),
        encaplimit=limit(family, octet(attributes, ENCAP_LIMIT), flags),
        sequence=bool(on_wire & GRE_SEQUENCE),
        erspan=_decode_erspan(attributes) if kind.endswith("erspan") else None,
    )


def _encode_erspan(header: ErspanHeader) -> Iterator[bytes]:
    yield u8(ERSPAN_VER, header.version)
    if header.version == 1:
        yield u32(ERSPAN_INDEX, header.index)
    else:
        yield u8(ERSPAN_DIR, header.egress)
        yield u16(ERSPAN_HWID, header.hw_id)


def _decode_erspan(attributes: Mapping[int, bytes]) -> ErspanHeader:
    if octet(attributes, ERSPAN_VER) != 2:
        return ErspanHeader(index=u32_of(attributes.get(ERSPAN_INDEX)) or 0)
    hw_id = attributes.get(ERSPAN_HWID, b"\0\0")
    if len(hw_id) < 2:
        raise ValueError("a hardware id that is too short")
    return ErspanHeader(
        version=2, egress=bool(octet(attributes, ERSPAN_DIR)), hw_id=int(struct.unpack_from("=H", hw_id)[0])
    )
