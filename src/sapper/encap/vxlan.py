"""VXLAN: Ethernet frames in UDP with a network identifier; 8 bytes of UDP and 8 of its own.

One device may reach many far ends: a list, a multicast group, or what it learnt. It takes frames with its identifier
from any source address. Source: RFC 7348 5, drivers/net/vxlan/vxlan_core.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_UDP, UDP_HEADER_BYTES, Encapsulation

VXLAN = Encapsulation(
    name="vxlan",
    link_kind="vxlan",
    outer_family=None,
    protocol=PROTOCOL_UDP,
    payload_families=frozenset({4, 6}),
    layer=2,
    attribute_family="IFLA_VXLAN",
    fixed_header_bytes=UDP_HEADER_BYTES + 8,
    udp_port=4789,
    multipoint=True,
)
