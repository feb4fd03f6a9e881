"""NVGRE: GRE with a key (8 bytes) and an Ethernet frame inside (14).

Source: RFC 7637 3.2.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 8


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=HEADER_BYTES, carries=frozenset({"ethernet"}), implies="ethernet")


PROTOCOL = Protocol(
    word="nvgre",
    title="NVGRE",
    source="RFC 7637",
    groups=frozenset({"ip-tunnel"}),
    shape=shape,
)
