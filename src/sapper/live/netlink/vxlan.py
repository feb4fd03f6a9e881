"""IFLA_VXLAN_* and the forwarding entries of further remotes, from the Plan's record and back.

The first remote, or the group, is the device's; the kernel makes it the default forwarding entry, and each further
remote is appended to that entry (an all-zero MAC address: whatever is not known). TOS 1 copies the inner packet's.
Source: include/uapi/linux/if_link.h, drivers/net/vxlan/vxlan_core.c (vxlan_nl2conf), neighbour.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from sapper.address import Address
from sapper.kernel.plan import VxlanHeader
from sapper.live.netlink.attribute import address_of, attribute, be16, be32, parse_attributes, u8, u32, u32_of
from sapper.live.netlink.message import NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_DUMP, Request
from sapper.live.netlink.outer_header import TOS_INHERIT, be_number, octet

ID, GROUP, LINK, LOCAL, TTL, TOS, LEARNING = range(1, 8)
PORT, GROUP6, LOCAL6 = 15, 16, 17
COLLECT_METADATA, LABEL, GPE, DF, VNIFILTER = 25, 26, 27, 29, 30

Df = Literal["set", "unset", "inherit"]
DF_NUMBERS: dict[Df, int] = {"unset": 0, "set": 1, "inherit": 2}
DF_NAMES: dict[int, Df] = {number: name for name, number in DF_NUMBERS.items()}

RTM_NEWNEIGH, RTM_GETNEIGH = 28, 30
NDA_DST, NDA_LLADDR, NDA_PORT = 1, 2, 6
AF_BRIDGE = 7
NTF_SELF = 0x02  # the device's own table, not its bridge's
NUD_NOARP, NUD_PERMANENT = 0x40, 0x80
ANY_MAC = bytes(6)
_NEIGHBOUR = struct.Struct("=B3xiHBB")  # family, device, state, flags, type


def encode_vxlan(header: VxlanHeader, below: int | None) -> bytes:
    """``below`` is the index of ``header.link``."""
    parts = [u32(ID, header.vni)] if header.vni is not None else [u8(COLLECT_METADATA, 1)]
    first = header.group or next(iter(header.remotes), None)
    if first is not None:
        parts.append(attribute(GROUP if first.family == 4 else GROUP6, first.packed))
    if header.local is not None:
        parts.append(attribute(LOCAL if header.local.family == 4 else LOCAL6, header.local.packed))
    if below is not None:
        parts.append(u32(LINK, below))
    parts += [
        u8(TTL, header.ttl),
        u8(TOS, TOS_INHERIT if header.tos is None else header.tos),
        u8(LEARNING, header.learning),
        be16(PORT, header.port),
        u8(DF, DF_NUMBERS[header.df]),
    ]
    if header.flow_label:
        parts.append(be32(LABEL, header.flow_label))
    if header.gpe:
        parts.append(attribute(GPE, b""))
    if header.vni_filter:
        parts.append(u8(VNIFILTER, 1))
    return b"".join(parts)


def decode_vxlan(data: bytes, names: Mapping[int, str], further: Iterable[Address] = ()) -> VxlanHeader:
    """The record of a device; ``further`` are the remotes of its forwarding entries beside the first."""
    attributes = parse_attributes(data)
    far = _either(attributes, GROUP, GROUP6)
    group = far if far is not None and far.is_multicast else None
    tos = octet(attributes, TOS)
    return VxlanHeader(
        vni=None if octet(attributes, COLLECT_METADATA) else u32_of(attributes.get(ID)),
        local=_either(attributes, LOCAL, LOCAL6),
        remotes=(*((far,) if far is not None and group is None else ()), *further),
        group=group,
        link=names.get(u32_of(attributes.get(LINK)) or 0),
        port=be_number(attributes, PORT),
        ttl=octet(attributes, TTL),
        tos=None if tos & TOS_INHERIT else tos,
        df=DF_NAMES.get(octet(attributes, DF), "unset"),
        flow_label=be_number(attributes, LABEL),
        learning=bool(octet(attributes, LEARNING)),
        vni_filter=bool(octet(attributes, VNIFILTER)),
        gpe=GPE in attributes,
    )


def further_remotes(header: VxlanHeader, index: int, name: str) -> Iterator[Request]:
    """Append each remote but the device's own to the default forwarding entry of the device of that index."""
    for remote in header.remotes if header.group is not None else header.remotes[1:]:
        head = _NEIGHBOUR.pack(AF_BRIDGE, index, NUD_NOARP | NUD_PERMANENT, NTF_SELF, 0)
        payload = head + attribute(NDA_LLADDR, ANY_MAC) + attribute(NDA_DST, remote.packed)
        payload += be16(NDA_PORT, header.port)
        flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND
        yield Request(RTM_NEWNEIGH, flags, payload, f"remote {remote} of link {name}")


def list_forwarding() -> Request:
    """Dump the forwarding entries of every device; the answers are for :func:`decode_default_entry`."""
    return Request(RTM_GETNEIGH, NLM_F_DUMP, _NEIGHBOUR.pack(AF_BRIDGE, 0, 0, 0, 0), "the forwarding entries")


def decode_default_entry(payload: bytes) -> tuple[int, Address] | None:
    """Device and far end of a default forwarding entry; None for any other entry. Raises ValueError."""
    if len(payload) < _NEIGHBOUR.size:
        raise ValueError("a neighbour message that is too short")
    _, index, _, _, _ = _NEIGHBOUR.unpack_from(payload)
    attributes = parse_attributes(payload, _NEIGHBOUR.size)
    far = address_of(attributes.get(NDA_DST))
    if attributes.get(NDA_LLADDR) != ANY_MAC or far is None:
        return None
    return index, far


def _either(attributes: Mapping[int, bytes], v4: int, v6: int) -> Address | None:
    for kind in (v4, v6):
        address = address_of(attributes.get(kind))
        if address is not None and not address.is_unspecified:
            return address
    return None
