"""STT: a header of the form of TCP's (20), the STT frame header (18), and an Ethernet frame inside (14).

Source: draft-davie-stt-08 3.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

TCP_LIKE_BYTES = 20
FRAME_HEADER_BYTES = 18


def shape(options: Options, outer: str) -> Shape:
    return Shape(
        front=TCP_LIKE_BYTES + FRAME_HEADER_BYTES,
        carries=frozenset({"ethernet"}),
        implies="ethernet",
        note="its TCP-like header included",
    )


PROTOCOL = Protocol(
    word="stt",
    title="STT",
    source="draft-davie-stt",
    groups=frozenset({"ip-tunnel"}),
    shape=shape,
)
