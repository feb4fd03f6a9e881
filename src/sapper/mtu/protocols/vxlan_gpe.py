"""VXLAN-GPE: VXLAN's 8 bytes with a field for what is inside: an Ethernet frame, or with ``ip`` a bare packet.

Linux' ``gpe`` devices carry bare packets. Source: draft-ietf-nvo3-vxlan-gpe 3.
"""

from __future__ import annotations

from sapper.mtu.protocol import IP, Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 8


def shape(options: Options, outer: str) -> Shape:
    if options.has("ip"):
        return Shape(front=HEADER_BYTES, carries=IP, note="no inner Ethernet")
    return Shape(front=HEADER_BYTES, carries=frozenset({"ethernet"}), implies="ethernet")


PROTOCOL = Protocol(
    word="vxlan-gpe",
    title="VXLAN-GPE",
    source="draft-ietf-nvo3-vxlan-gpe",
    groups=frozenset({"udp-tunnel"}),
    shape=shape,
    options={"ip": "IP right inside, without an Ethernet header"},
    rides="udp",
)
