"""IPv6 in IPv4 (6in4): no header of its own.

Source: RFC 4213 3, net/ipv6/sit.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_IPV6, Encapsulation

SIT = Encapsulation(
    name="sit",
    link_kind="sit",
    outer_family=4,
    protocol=PROTOCOL_IPV6,
    payload_families=frozenset({6}),
    layer=3,
    attribute_family="IFLA_IPTUN",
)
