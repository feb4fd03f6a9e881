"""WireGuard: 16 bytes of header and 16 of tag behind UDP; the packet is padded to 16, but not above the device's MTU.

So the MTU of the device decides what a large packet becomes: 60 bytes over IPv4, 80 over IPv6, padding or not.
Without ``mtu=N`` the device is taken to have the largest MTU that fits the link. Source: WireGuard white paper
5.4.6; drivers/net/wireguard/send.c (calculate_skb_padding).
"""

from __future__ import annotations

from sapper.mtu.protocol import IP, Options, Protocol
from sapper.mtu.shape import FITTED, Shape

HEADER_BYTES = 16  # type and reserved 4, receiver 4, counter 8
TAG_BYTES = 16
PADDING = 16


def shape(options: Options, outer: str) -> Shape:
    mtu = options.number("mtu", FITTED, 68, 65535)
    return Shape(
        front=HEADER_BYTES,
        back=TAG_BYTES,
        block=PADDING,
        device_mtu=mtu,
        carries=IP,
        note="padded to 16, not above the device's MTU" + (f" of {mtu}" if mtu != FITTED else ""),
    )


PROTOCOL = Protocol(
    word="wireguard",
    title="WireGuard",
    source="WireGuard white paper 5.4.6",
    groups=frozenset({"udp-tunnel"}),
    shape=shape,
    options={"mtu": "the device's MTU; the largest that fits where it is left out"},
    rides="udp",
)
