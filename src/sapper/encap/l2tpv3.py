"""L2TPv3: Ethernet frames in UDP (VyOS' default) or directly in IP, protocol 115.

Over UDP: 8 bytes of UDP, 4 of flags and version, 4 of session, and the layer 2 sublayer's 4 that Linux sends unless
it is told not to. Over IP the first twelve are 0. A cookie adds 4 or 8 bytes; VyOS sets none, and 5000 for both
ports. Source: RFC 3931 4.1, net/l2tp/l2tp_core.c (l2tp_session_set_header_len).
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_UDP, UDP_HEADER_BYTES, Encapsulation

PROTOCOL_L2TP = 115  # RFC 3931 4.1.1
_FLAGS_BYTES = 4
_SESSION_BYTES = 4
_SUBLAYER_BYTES = 4

L2TPV3 = Encapsulation(
    name="l2tpv3",
    link_kind="l2tpeth",
    outer_family=None,
    protocol=PROTOCOL_UDP,
    payload_families=frozenset({4, 6}),
    layer=2,
    attribute_family="genetlink l2tp",
    fixed_header_bytes=UDP_HEADER_BYTES + _FLAGS_BYTES + _SESSION_BYTES + _SUBLAYER_BYTES,
    udp_port=5000,
    options=(
        ("ip", -UDP_HEADER_BYTES - _FLAGS_BYTES),
        ("no sublayer", -_SUBLAYER_BYTES),
        ("cookie 4", 4),
        ("cookie 8", 8),
    ),
)
