"""IPIP: an outer IPv4 header of 20 bytes with IPv4 inside; the same as ``ipv4/ipv4``.

Source: RFC 2003 3.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.protocols.ipv4 import HEADER_BYTES
from sapper.mtu.shape import Shape


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=HEADER_BYTES, header=HEADER_BYTES, carries=frozenset({"ip4"}), implies="ipv4")


PROTOCOL = Protocol(
    word="ipip",
    title="IPIP",
    source="RFC 2003",
    groups=frozenset({"ip", "ip4"}),
    shape=shape,
    outermost=True,
)
