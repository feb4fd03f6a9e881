"""WireGuard: IP packets encrypted with ChaCha20-Poly1305 in UDP: 8 bytes of UDP, 16 of header, 16 of tag.

The inner packet is padded to 16 bytes, but never above the device's MTU; that padding is no part of this record. The
far end is found by the packet's destination among the peers' allowed addresses. What did not come through it with a
key is never taken. Source: the WireGuard paper 5.4.6, drivers/net/wireguard/messages.h, send.c.
"""

from __future__ import annotations

from sapper.encap.encapsulation import PROTOCOL_UDP, UDP_HEADER_BYTES, Encapsulation

_DATA_HEADER_BYTES = 16  # type, receiver, counter
_TAG_BYTES = 16

WIREGUARD = Encapsulation(
    name="wireguard",
    link_kind="wireguard",
    outer_family=None,
    protocol=PROTOCOL_UDP,
    payload_families=frozenset({4, 6}),
    layer=3,
    attribute_family="genetlink wireguard",
    fixed_header_bytes=UDP_HEADER_BYTES + _DATA_HEADER_BYTES + _TAG_BYTES,
    multipoint=True,
    encrypts=True,
)
