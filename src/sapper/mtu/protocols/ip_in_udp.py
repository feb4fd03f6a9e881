"""IP in UDP: an IP packet right behind UDP, known by its first four bits.

Source: draft-xu-intarea-ip-in-udp 4; draft-ietf-intarea-gue-09 4 (variant 1).
"""

from __future__ import annotations

from sapper.mtu.protocol import IP, Options, Protocol
from sapper.mtu.shape import Shape


def shape(options: Options, outer: str) -> Shape:
    return Shape(carries=IP, note="UDP is all of it")


PROTOCOL = Protocol(
    word="ip-in-udp",
    title="IP in UDP",
    source="draft-xu-intarea-ip-in-udp",
    groups=frozenset({"udp-tunnel"}),
    shape=shape,
    rides="udp",
)
