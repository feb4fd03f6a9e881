"""GENEVE: 8 bytes behind UDP, options in steps of 4 up to 252, and an Ethernet frame inside (14).

With ``ip`` the protocol type names IP and there is no inner frame (Linux: inner_proto_inherit). Source: RFC 8926
3.4, 3.5.
"""

from __future__ import annotations

from sapper.mtu.protocol import IP, Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 8
MOST_OPTION_BYTES = 252


def shape(options: Options, outer: str) -> Shape:
    extra = options.number("options", 0, 0, MOST_OPTION_BYTES, 4)
    note = f"{extra} of options" if extra else ""
    if options.has("ip"):
        return Shape(front=HEADER_BYTES + extra, carries=IP, note=note)
    return Shape(front=HEADER_BYTES + extra, carries=frozenset({"ethernet"}), implies="ethernet", note=note)


PROTOCOL = Protocol(
    word="geneve",
    title="GENEVE",
    source="RFC 8926",
    groups=frozenset({"udp-tunnel"}),
    shape=shape,
    options={
        "options": "bytes of options, in steps of 4 up to 252",
        "ip": "IP right inside, without an Ethernet header",
    },
    rides="udp",
)
