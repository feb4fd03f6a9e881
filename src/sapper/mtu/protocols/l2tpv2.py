"""L2TPv2: 6 bytes of a data message behind UDP, with PPP inside (4 unless compressed).

Optional: the length (2), sequence numbers (4), the offset (2 and its padding). Source: RFC 2661 3.1, 5.1.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 6
LENGTH_BYTES = 2
SEQUENCE_BYTES = 4
OFFSET_BYTES = 2


def shape(options: Options, outer: str) -> Shape:
    front = HEADER_BYTES + (LENGTH_BYTES if options.has("length") else 0)
    front += SEQUENCE_BYTES if options.has("seq") else 0
    front += OFFSET_BYTES + options.number("offset", 0, 0, 255) if options.has("offset") else 0
    return Shape(front=front, carries=frozenset({"ppp"}), implies="ppp")


PROTOCOL = Protocol(
    word="l2tpv2",
    title="L2TPv2",
    source="RFC 2661",
    groups=frozenset({"udp-tunnel"}),
    shape=shape,
    options={
        "length": "the length field, 2 bytes",
        "seq": "sequence numbers, 4 bytes",
        "offset": "the offset field, 2 bytes and its padding",
    },
    rides="udp",
)
