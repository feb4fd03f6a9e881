"""IPv4 in IPv6: no header of its own, but Linux adds the encapsulation limit option by default.

Source: RFC 2473 3 and 4.1.1, net/ipv6/ip6_tunnel.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_IPIP, Encapsulation

IPIP6 = Encapsulation(
    name="ipip6",
    link_kind="ip6tnl",
    outer_family=6,
    protocol=PROTOCOL_IPIP,
    payload_families=frozenset({4}),
    layer=3,
    attribute_family="IFLA_IPTUN",
    encaplimit=True,
)
