"""GENEVE: Ethernet frames in UDP with a network identifier; 8 bytes of UDP and 8 of its own, no options on VyOS.

Between two ends only. Source: RFC 8926 3, drivers/net/geneve.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_UDP, UDP_HEADER_BYTES, Encapsulation

GENEVE = Encapsulation(
    name="geneve",
    link_kind="geneve",
    outer_family=None,
    protocol=PROTOCOL_UDP,
    payload_families=frozenset({4, 6}),
    layer=2,
    attribute_family="IFLA_GENEVE",
    fixed_header_bytes=UDP_HEADER_BYTES + 8,
    udp_port=6081,
)
