"""Ethernet: 14 bytes (two addresses and the type), and 4 more with the frame check sequence.

As the outermost layer it is not part of the link's MTU, which counts what a frame carries. Inside a tunnel every
byte counts; nobody sends the check sequence there. Source: IEEE 802.3 3.1.1; RFC 894.
"""

from __future__ import annotations

from sapper.mtu.protocol import IN_ETHERNET, Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 14
FCS_BYTES = 4


def shape(options: Options, outer: str) -> Shape:
    fcs = FCS_BYTES if options.has("fcs") else 0
    note = "with the check sequence" if fcs else ""
    return Shape(front=HEADER_BYTES, back=fcs, carries=IN_ETHERNET, note=note)


PROTOCOL = Protocol(
    word="ethernet",
    title="Ethernet",
    source="IEEE 802.3",
    groups=frozenset({"ethernet"}),
    shape=shape,
    options={"fcs": "count the frame check sequence, 4 bytes"},
    outermost=True,
)
