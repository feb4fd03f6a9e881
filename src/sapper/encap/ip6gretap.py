"""Ethernet in GRE over IPv6.

Source: RFC 7676, RFC 1701 (protocol type 6558), RFC 2473 4.1.1 (limit), net/ipv6/ip6_gre.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_GRE, Encapsulation

IP6GRETAP = Encapsulation(
    name="ip6gretap",
    link_kind="ip6gretap",
    outer_family=6,
    protocol=PROTOCOL_GRE,
    payload_families=frozenset({4, 6}),
    layer=2,
    attribute_family="IFLA_GRE",
    fixed_header_bytes=4,
    keys=True,
    key_bytes=4,
    encaplimit=True,
)
