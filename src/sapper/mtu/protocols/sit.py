"""SIT (6in4): an outer IPv4 header of 20 bytes with IPv6 inside; the same as ``ipv4/ipv6``.

Source: RFC 4213 3.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.protocols.ipv4 import HEADER_BYTES
from sapper.mtu.shape import Shape


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=HEADER_BYTES, header=HEADER_BYTES, carries=frozenset({"ip6"}), implies="ipv6")


PROTOCOL = Protocol(
    word="sit",
    title="SIT",
    source="RFC 4213",
    groups=frozenset({"ip", "ip4"}),
    shape=shape,
    outermost=True,
)
