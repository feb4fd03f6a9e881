"""What one layer does to a length, as a value; every formula of the catalogue is an instance of it.

For ``p`` bytes inside, a layer has::

    front + roundup(p + tail, block) + back        bytes

so a plain header is ``front`` alone, and ESP is front = SPI, sequence, IV; tail = pad length and next header;
back = ICV (RFC 4303 2). All functions of this form are monotone step functions, and so is any composition of them:
that is why a stack has one largest packet. ``block`` is a power of two.
"""

from __future__ import annotations

from typing import NamedTuple

FITTED = -1
"""For ``pad_to`` and ``device_mtu``: as large as the link allows."""


class Shape(NamedTuple):
    """``carries`` are the groups (or words) that may stand right inside; ``implies`` is a layer that always does.

    ``header`` is an IP header's own length, also where BEET mode does not send it (then ``front`` is what is sent
    for it). ``pad_to`` is the length up to which ESP fills its payload (RFC 4303 2.7). ``device_mtu``: padding never
    exceeds this MTU (WireGuard). ``strips``: the IP header right inside is not sent (BEET). ``compresses``: what is
    inside may become shorter (IPComp). ``inside`` counts bytes of an upper layer's options, which stand in a packet
    but in no sum. ``late``: bytes of the header that Linux takes off a path's MTU only after ESP's rounding
    (:mod:`sapper.mtu.linux`).
    """

    front: int = 0
    back: int = 0
    tail: int = 0
    block: int = 1
    carries: frozenset[str] = frozenset()
    implies: str = ""
    header: int = 0
    pad_to: int | None = None
    device_mtu: int | None = None
    strips: bool = False
    compresses: bool = False
    inside: int = 0
    late: int = 0
    note: str = ""

    @property
    def least_bytes(self) -> int:
        """The layer's own bytes without padding."""
        return self.front + self.tail + self.back
