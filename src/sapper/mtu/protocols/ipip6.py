"""IPIP6: an outer IPv6 header of 40 bytes with IPv4 inside, and 8 more with the encapsulation limit.

Source: RFC 2473 3, 4.1.1; net/ipv6/ip6_tunnel.c.
"""

from __future__ import annotations

from sapper.mtu.protocol import Options, Protocol
from sapper.mtu.protocols.ip6ip6 import WITHOUT_LIMIT
from sapper.mtu.protocols.ipv6 import ENCAPLIMIT_BYTES, HEADER_BYTES
from sapper.mtu.shape import Shape


def shape(options: Options, outer: str) -> Shape:
    limit = options.has("encaplimit")
    size = HEADER_BYTES + (ENCAPLIMIT_BYTES if limit else 0)
    note = "encapsulation limit 8" if limit else WITHOUT_LIMIT
    return Shape(front=size, header=size, carries=frozenset({"ip4"}), implies="ipv4", note=note)


PROTOCOL = Protocol(
    word="ipip6",
    title="IPIP6",
    source="RFC 2473",
    groups=frozenset({"ip", "ip6"}),
    shape=shape,
    options={"encaplimit": "the tunnel encapsulation limit option, 8 bytes"},
    outermost=True,
)
