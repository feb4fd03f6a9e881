"""A WireGuard peer's ``endpoint A:PORT`` is ``address A`` and ``port PORT``: VyOS' interfaces step 7-to-8.

VyOS splits at the first colon and so mangles an IPv6 address; the last colon is meant, and read.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags, take, write_value
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for interface in tags(root, "interfaces", "wireguard"):
        for peer in tags(interface, "peer"):
            endpoint = take(peer, "endpoint")
            for value in endpoint.children.values() if endpoint else ():
                address, _, port = value.word.rpartition(":")
                for name, word in (("address", address.strip("[]")), ("port", port)):
                    part = Node(word, value.spans)
                    part.extent = value.extent
                    write_value(peer, name, part)
    return []
