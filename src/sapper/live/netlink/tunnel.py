"""IFLA_INFO_DATA of tunnels, XFRM interfaces, VLANs and VRFs: from the Plan's records and back.

The two large families of tunnels have files of their own, :mod:`gre` and :mod:`iptun`. Source:
include/uapi/linux/if_link.h.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from sapper.kernel.plan import Encapsulating, LinkKind
from sapper.live.netlink.attribute import parse_attributes, u16, u32, u32_of
from sapper.live.netlink.gre import GRE_KINDS, decode_gre, encode_gre
from sapper.live.netlink.iptun import IPTUN_KINDS, decode_iptun, encode_iptun

XFRM_LINK, XFRM_IF_ID = 1, 2
VLAN_ID = 1
VRF_TABLE = 1


def encode_encapsulating(kind: LinkKind, tunnel: Encapsulating, below: int | None) -> bytes:
    """The attributes of a tunnel device. ``below`` is the index of ``tunnel.link``. ValueError: kind not known."""
    if kind in GRE_KINDS:
        return encode_gre(kind, tunnel, below)
    if kind in IPTUN_KINDS:
        return encode_iptun(kind, tunnel, below)
    raise ValueError(f"no encoding for a tunnel of kind {kind}")


def decode_encapsulating(kind: LinkKind, data: bytes, names: Mapping[int, str]) -> Encapsulating:
    """The record of a tunnel device; ``names`` turns indexes into names. ValueError: kind not known."""
    attributes = parse_attributes(data)
    if kind in GRE_KINDS:
        return decode_gre(kind, attributes, names)
    if kind in IPTUN_KINDS:
        return decode_iptun(kind, attributes, names)
    raise ValueError(f"no decoding for a tunnel of kind {kind}")


def encode_xfrm(if_id: int, below: int | None = None) -> bytes:
    """The attributes of an XFRM interface, net/xfrm/xfrm_interface_core.c."""
    return (b"" if below is None else u32(XFRM_LINK, below)) + u32(XFRM_IF_ID, if_id)


def decode_xfrm(data: bytes) -> int:
    """The if_id of an XFRM interface."""
    return u32_of(parse_attributes(data).get(XFRM_IF_ID)) or 0


def encode_vlan(vlan: int) -> bytes:
    """The attributes of an 802.1Q device."""
    return u16(VLAN_ID, vlan)


def decode_vlan(data: bytes) -> int:
    return int(struct.unpack("=H", parse_attributes(data)[VLAN_ID][:2])[0])


def encode_vrf(table: int) -> bytes:
    """The attributes of a VRF device, drivers/net/vrf.c."""
    return u32(VRF_TABLE, table)


def decode_vrf(data: bytes) -> int:
    return u32_of(parse_attributes(data).get(VRF_TABLE)) or 0
