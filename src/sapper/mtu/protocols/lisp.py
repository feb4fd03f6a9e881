"""LISP: 8 bytes behind UDP, with an IP packet inside.

Source: RFC 9300 5.1, 5.2.
"""

from __future__ import annotations

from sapper.mtu.protocol import IP, Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 8


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=HEADER_BYTES, carries=IP)


PROTOCOL = Protocol(
    word="lisp",
    title="LISP",
    source="RFC 9300",
    groups=frozenset({"udp-tunnel"}),
    shape=shape,
    rides="udp",
)
