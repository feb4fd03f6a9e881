"""VXLAN: 8 bytes behind UDP, with an Ethernet frame inside (14): 50 over IPv4 and 70 over IPv6 in all.

Source: RFC 7348 5.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 8


def shape(options: Options, outer: str) -> Shape:
    return Shape(
        front=HEADER_BYTES,
        carries=frozenset({"ethernet"}),
        implies="ethernet",
        note="its packets must not be fragmented",
    )


PROTOCOL = Protocol(
    word="vxlan",
    title="VXLAN",
    source="RFC 7348",
    groups=frozenset({"udp-tunnel"}),
    shape=shape,
    rides="udp",
)
