"""802.1Q: 4 bytes for each tag.

Right behind an outermost Ethernet header a tag belongs to the frame, not to the MTU: a Linux VLAN device has its
parent's MTU. In a tunnelled frame it counts. Source: IEEE 802.1Q 9.3; net/8021q/vlan_dev.c.
"""

from __future__ import annotations

from sapper.mtu.protocol import IN_ETHERNET, Options, Protocol
from sapper.mtu.shape import Shape

TAG_BYTES = 4


def shape(options: Options, outer: str) -> Shape:
    return Shape(front=TAG_BYTES, carries=IN_ETHERNET)


PROTOCOL = Protocol(
    word="vlan",
    title="802.1Q",
    source="IEEE 802.1Q",
    groups=frozenset({"tag"}),
    shape=shape,
    outermost=True,
)
