"""VLANs of a bridge port with network identifiers of their own: ``bridge vlan add … tunnel_info``.

The port's flag makes it put a frame's VLAN into the tunnel's metadata; then each VLAN is added to the port, and its
identifier to the VLAN. The port must be in its bridge already. Source: include/uapi/linux/if_bridge.h,
net/bridge/br_netlink.c, br_netlink_tunnel.c.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from sapper.live.netlink.attribute import attribute, nested, u8, u16, u32
from sapper.live.netlink.link import RTM_SETLINK
from sapper.live.netlink.message import NLM_F_ACK, Request
from sapper.live.netlink.vxlan import AF_BRIDGE

IFLA_PROTINFO, IFLA_AF_SPEC = 12, 26
IFLA_BRPORT_VLAN_TUNNEL = 29
IFLA_BRIDGE_VLAN_INFO, IFLA_BRIDGE_VLAN_TUNNEL_INFO = 2, 3
TUNNEL_ID, TUNNEL_VID, TUNNEL_FLAGS = 1, 2, 3
_INFO = struct.Struct("=BxHiII")  # family, device type, index, flags, change
_VLAN = struct.Struct("=HH")  # flags, VLAN


def map_vlans(pairs: Iterable[tuple[int, int]], index: int, name: str) -> Iterator[Request]:
    """Give the port of that index each VLAN with its network identifier; nothing for no pairs."""
    first = True
    for vlan, vni in pairs:
        about = f"VLAN {vlan} of link {name}"
        if first:
            yield _request(index, nested(IFLA_PROTINFO, u8(IFLA_BRPORT_VLAN_TUNNEL, 1)), about)
            first = False
        member = attribute(IFLA_BRIDGE_VLAN_INFO, _VLAN.pack(0, vlan))
        yield _request(index, attribute(IFLA_AF_SPEC, member), about)
        tunnel = u32(TUNNEL_ID, vni) + u16(TUNNEL_VID, vlan) + u16(TUNNEL_FLAGS, 0)
        inside = nested(IFLA_BRIDGE_VLAN_TUNNEL_INFO, tunnel)
        yield _request(index, attribute(IFLA_AF_SPEC, inside), about)


def _request(index: int, attributes: bytes, about: str) -> Request:
    return Request(RTM_SETLINK, NLM_F_ACK, _INFO.pack(AF_BRIDGE, 0, index, 0, 0) + attributes, about)
