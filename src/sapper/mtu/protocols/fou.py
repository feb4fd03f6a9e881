"""FOU: a packet right behind UDP, with no header of its own.

What is inside (IP, GRE, ESP) is agreed on out of band. Source: net/ipv4/fou_core.c; RFC 8086 for GRE.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape


def shape(options: Options, outer: str) -> Shape:
    return Shape(carries=frozenset({"ip", "ip-tunnel", "mpls"}), note="UDP is all of it")


PROTOCOL = Protocol(
    word="fou",
    title="FOU",
    source="net/ipv4/fou_core.c",
    groups=frozenset({"udp-tunnel"}),
    shape=shape,
    rides="udp",
)
