"""IPv4 in IPv4: no header of its own.

It has no key: two tunnels between the same ends cannot be told apart. Source: RFC 2003 3, net/ipv4/ipip.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_IPIP, Encapsulation

IPIP = Encapsulation(
    name="ipip",
    link_kind="ipip",
    outer_family=4,
    protocol=PROTOCOL_IPIP,
    payload_families=frozenset({4}),
    layer=3,
    attribute_family="IFLA_IPTUN",
)
