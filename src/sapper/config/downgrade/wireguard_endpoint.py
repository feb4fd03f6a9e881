"""A WireGuard peer's ``address A`` and ``port PORT`` are ``endpoint A:PORT``: interfaces step 8-to-7.

The end point is split at its first colon, so that an IPv6 address cannot be said.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags, take, write


def apply(root: Node) -> list[Lacking]:
    lacks = []
    for interface in tags(root, "interfaces", "wireguard"):
        for peer in tags(interface, "peer"):
            addresses, ports = list(tags(peer, "address")), list(tags(peer, "port"))
            path = ("interfaces", "wireguard", interface.word, "peer", peer.word)
            if addresses and ":" in addresses[-1].word:
                lacks.append(lacking(addresses[-1], "an end point is an IPv4 address", *path, "address"))
            elif addresses and ports:
                take(peer, "address")
                take(peer, "port")
                write(peer, "endpoint", f"{addresses[-1].word}:{ports[-1].word}", of=addresses[-1])
            elif addresses or ports:
                half = (addresses or ports)[-1]
                lacks.append(lacking(half, "an end point is an address with a port", *path))
    return lacks
