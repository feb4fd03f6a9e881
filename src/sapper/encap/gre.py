"""GRE over IPv4: 4 bytes, 4 more with a key; carries IPv4, IPv6 and more.

Without a remote address the device is multipoint. VyOS offers no checksum and no sequence number. Its kin (gretap,
ip6gre, ERSPAN …) are this record with what differs. Source: RFC 2784 2.1, RFC 2890 2.1 (key), net/ipv4/ip_gre.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_GRE, Encapsulation

GRE = Encapsulation(
    name="gre",
    link_kind="gre",
    outer_family=4,
    protocol=PROTOCOL_GRE,
    payload_families=frozenset({4, 6}),
    layer=3,
    attribute_family="IFLA_GRE",
    fixed_header_bytes=4,
    keys=True,
    key_bytes=4,
    options=(("checksum", 4), ("sequence", 4)),
    multipoint=True,
)
