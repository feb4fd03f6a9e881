"""IP6IP6: an outer IPv6 header of 40 bytes with IPv6 inside, and 8 more with the encapsulation limit.

Linux sends the limit unless told ``encaplimit none``; here it is an option, as for ``ipv6``. Source: RFC 2473 3,
4.1.1; net/ipv6/ip6_tunnel.c.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.protocols.ipv6 import ENCAPLIMIT_BYTES, HEADER_BYTES
from sapper.mtu.shape import Shape

WITHOUT_LIMIT = "8 more with encaplimit, Linux' default"


def shape(options: Options, outer: str) -> Shape:
    limit = options.has("encaplimit")
    size = HEADER_BYTES + (ENCAPLIMIT_BYTES if limit else 0)
    note = "encapsulation limit 8" if limit else WITHOUT_LIMIT
    return Shape(front=size, header=size, carries=frozenset({"ip6"}), implies="ipv6", note=note)


PROTOCOL = Protocol(
    word="ip6ip6",
    title="IP6IP6",
    source="RFC 2473",
    groups=frozenset({"ip", "ip6"}),
    shape=shape,
    options={"encaplimit": "the tunnel encapsulation limit option, 8 bytes"},
    outermost=True,
)
