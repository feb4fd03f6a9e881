"""Ethernet in GRE over IPv4: what VyOS called gre-bridge; carries whole frames, so a bridge can take it.

The frame's header of 14 bytes counts. Source: RFC 2784 2.1, RFC 1701 (protocol type 6558), net/ipv4/ip_gre.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_GRE, Encapsulation

GRETAP = Encapsulation(
    name="gretap",
    link_kind="gretap",
    outer_family=4,
    protocol=PROTOCOL_GRE,
    payload_families=frozenset({4, 6}),
    layer=2,
    attribute_family="IFLA_GRE",
    fixed_header_bytes=4,
    keys=True,
    key_bytes=4,
)
