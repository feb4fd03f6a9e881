"""GRE over IPv6: as GRE over IPv4, with the encapsulation limit option of IPv6 tunnels.

Source: RFC 7676, RFC 2890 2.1 (key), RFC 2473 4.1.1 (limit), net/ipv6/ip6_gre.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_GRE, Encapsulation

IP6GRE = Encapsulation(
    name="ip6gre",
    link_kind="ip6gre",
    outer_family=6,
    protocol=PROTOCOL_GRE,
    payload_families=frozenset({4, 6}),
    layer=3,
    attribute_family="IFLA_GRE",
    fixed_header_bytes=4,
    keys=True,
    key_bytes=4,
    encaplimit=True,
)
