"""``arp interface IF address A mac M`` is ``arp A hwaddr M``: quagga step 11-to-10.

The older words leave the interface to the address: an entry on another interface cannot be said.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, prune, tags, take
from sapper.config.upgrade.static_arp import connected, interface_of


def apply(root: Node) -> list[Lacking]:
    arp = root.find("protocols", "static", "arp")
    lacks: list[Lacking] = []
    if arp is None or "interface" not in arp.children:
        return lacks
    networks = connected(root)
    for interface in tags(arp, "interface"):
        addresses = interface.child("address")
        for entry in tags(interface, "address"):
            if interface_of(entry.word, networks) != interface.word:
                path = ("protocols", "static", "arp", "interface", interface.word, "address", entry.word)
                lacks.append(lacking(entry, "the interface is the one whose prefix holds the address", *path))
            elif addresses is not None and (mac := take(entry, "mac")):
                take(addresses, entry.word)
                move(mac, move(entry, arp, entry.word), "hwaddr")
        prune(arp, "interface", interface.word, "address")
    return lacks
