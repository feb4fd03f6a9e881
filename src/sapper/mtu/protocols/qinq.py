"""QinQ: a service tag and a customer tag, 4 bytes each. For one of them alone write ``vlan``.

Source: IEEE 802.1ad (802.1Q 9.5).
"""

from __future__ import annotations

from sapper.mtu.protocol import IN_ETHERNET, Options, Protocol
from sapper.mtu.shape import Shape

TAGS_BYTES = 8


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=TAGS_BYTES, carries=IN_ETHERNET, note="two tags")


PROTOCOL = Protocol(
    word="qinq",
    title="QinQ",
    source="IEEE 802.1ad",
    groups=frozenset({"tag"}),
    shape=shape,
    outermost=True,
)
