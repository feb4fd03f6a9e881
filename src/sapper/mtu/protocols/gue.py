"""GUE: 4 bytes behind UDP, and optional fields in steps of 4 up to 124.

Variant 1 has no header at all: write ``ip-in-udp``. Source: draft-ietf-intarea-gue-09 3.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 4
MOST_OPTION_BYTES = 124


def shape(options: Options, outer: str) -> Shape:
    extra = options.number("options", 0, 0, MOST_OPTION_BYTES, 4)
    note = f"{extra} of options" if extra else ""
    return Shape(front=HEADER_BYTES + extra, carries=frozenset({"ip", "ip-tunnel", "mpls"}), note=note)


PROTOCOL = Protocol(
    word="gue",
    title="GUE",
    source="draft-ietf-intarea-gue",
    groups=frozenset({"udp-tunnel"}),
    shape=shape,
    options={"options": "bytes of optional fields, in steps of 4 up to 124"},
    rides="udp",
)
