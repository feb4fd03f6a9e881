"""6rd: 6in4 with the outer destination computed from the inner one; on the wire as SIT, 20 bytes.

Source: RFC 5969 3, 9.1.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.protocols.ipv4 import HEADER_BYTES
from sapper.mtu.shape import Shape


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=HEADER_BYTES, header=HEADER_BYTES, carries=frozenset({"ip6"}), implies="ipv6")


PROTOCOL = Protocol(
    word="6rd",
    title="6rd",
    source="RFC 5969",
    groups=frozenset({"ip", "ip4"}),
    shape=shape,
    outermost=True,
)
