"""IPv6 in IPv4 (6in4): no header of its own.

Its receiver asks XFRM nothing: plain 6in4 is decapsulated although an inbound policy demands ESP (ipip6_rcv has no
policy check, and the protocol is registered without one; seen on Linux 6.1).

It is meant for IPv6, and sends an IPv4 packet too, as protocol 4 (sit_tunnel_xmit): past a selector for 41, in clear.
The far end drops it, unless an ipip device there takes it. Seen on Linux 6.1.

Source: RFC 4213 3, net/ipv6/sit.c, net/ipv4/tunnel4.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_IPIP, PROTOCOL_IPV6, Encapsulation

SIT = Encapsulation(
    name="sit",
    link_kind="sit",
    outer_family=4,
    protocol=PROTOCOL_IPV6,
    payload_families=frozenset({6}),
    layer=3,
    attribute_family="IFLA_IPTUN",
    checks_inbound_policy=False,
    stray_protocols=((4, PROTOCOL_IPIP),),
)
