"""IPComp: a packet that compresses travels shorter, with a header of 4; one that does not travels as it is.

So the largest packet is that of the same stack without it, and the bytes on the wire are a range. Its lower end
takes DEFLATE's best ratio (1032 to 1); Linux does not try packets below 90 bytes. Source: RFC 3173 2.2, 3; RFC 2394;
RFC 1951.
"""

from __future__ import annotations

from sapper.mtu.protocol import IN_IP, Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 4
THRESHOLD_BYTES = 90  # net/xfrm/xfrm_algo.c, the threshold of deflate
BEST_RATIO = 1032


def shape(options: Options, outer: str) -> Shape:
    return Shape(compresses=True, carries=IN_IP, note="0 as it is; shorter by what compression saves, less 4")


def least(length: int) -> int:
    """The fewest bytes that ``length`` bytes can become."""
    if length < THRESHOLD_BYTES:
        return length
    return min(length, HEADER_BYTES + -(-length // BEST_RATIO))


PROTOCOL = Protocol(
    word="ipcomp",
    title="IPComp",
    source="RFC 3173",
    groups=frozenset({"ipsec"}),
    shape=shape,
)
