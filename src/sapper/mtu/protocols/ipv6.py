"""IPv6: 40 bytes, and extension headers in steps of 8.

``encaplimit`` is the destination option of an IPv6 tunnel, 8 bytes with its padding; Linux' tunnels over IPv6 send
it unless told ``encaplimit none``. Source: RFC 8200 3, 4; RFC 2473 4.1.1, 5.1.
"""

from __future__ import annotations

from sapper.mtu.protocol import IN_IP, Options, Protocol
from sapper.mtu.shape import Shape

HEADER_BYTES = 40
ENCAPLIMIT_BYTES = 8
FRAGMENT_BYTES = 8


def shape(options: Options, outer: str) -> Shape:
    limit = ENCAPLIMIT_BYTES if options.has("encaplimit") else 0
    fragment = FRAGMENT_BYTES if options.has("fragment") else 0
    size = HEADER_BYTES + limit + fragment + options.number("extensions", 0, 0, 2048, 8)
    notes = ["encapsulation limit 8"] * bool(limit) + [f"extension headers {size - HEADER_BYTES - limit}"] * bool(
        size - HEADER_BYTES - limit
    )
    return Shape(front=size, header=size, late=limit, carries=IN_IP, note=", ".join(notes))


PROTOCOL = Protocol(
    word="ipv6",
    title="IPv6",
    source="RFC 8200",
    groups=frozenset({"ip", "ip6"}),
    shape=shape,
    options={
        "encaplimit": "the tunnel encapsulation limit option, 8 bytes",
        "fragment": "a fragment header, 8 bytes",
        "extensions": "bytes of other extension headers, in steps of 8",
    },
    outermost=True,
)
