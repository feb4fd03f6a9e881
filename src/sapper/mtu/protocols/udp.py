"""UDP: 8 bytes. Right under it stand the tunnels that ride on UDP, and ESP where NAT traversal is on.

Source: RFC 768; RFC 3948 2.1 (ESP in UDP).
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 8


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=HEADER_BYTES, carries=frozenset({"udp-tunnel", "esp"}))


PROTOCOL = Protocol(word="udp", title="UDP", source="RFC 768", groups=frozenset({"udp"}), shape=shape)
