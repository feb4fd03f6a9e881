"""PPPoE: 6 bytes, and 2 for PPP's protocol field: 8.

They are part of what the frame carries, hence the MTU of 1492 on a link of 1500. Source: RFC 2516 4, 7.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 6
PPP_PROTOCOL_BYTES = 2


def shape(options: Options, outer: str) -> Shape:
    return Shape(
        front=HEADER_BYTES + PPP_PROTOCOL_BYTES, carries=frozenset({"ip", "mpls"}), note="PPP's 2 included"
    )


PROTOCOL = Protocol(
    word="pppoe",
    title="PPPoE",
    source="RFC 2516",
    groups=frozenset({"pppoe"}),
    shape=shape,
    outermost=True,
)
