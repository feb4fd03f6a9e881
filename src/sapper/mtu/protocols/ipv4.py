"""IPv4: 20 bytes, and options in steps of 4 up to 40.

Source: RFC 791 3.1.
"""

from __future__ import annotations

from sapper.mtu.protocol import IN_IP, Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 20
MOST_OPTION_BYTES = 40


def shape(options: Options, outer: str) -> Shape:
    extra = options.number("options", 0, 0, MOST_OPTION_BYTES, 4)
    size = HEADER_BYTES + extra
    note = f"{extra} of options" if extra else ""
    return Shape(front=size, header=size, carries=IN_IP, note=note)


PROTOCOL = Protocol(
    word="ipv4",
    title="IPv4",
    source="RFC 791",
    groups=frozenset({"ip", "ip4"}),
    shape=shape,
    options={"options": "bytes of IP options, up to 40"},
    outermost=True,
)
