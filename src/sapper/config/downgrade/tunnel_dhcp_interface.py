"""A tunnel's ``source-interface`` is dhcp-interface, instead of an address: interfaces step 22-to-21."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags


def apply(root: Node) -> list[Lacking]:
    lacks = []
    for tunnel in tags(root, "interfaces", "tunnel"):
        interface = tunnel.child("source-interface")
        if interface is not None and "source-address" in tunnel.children:
            path = ("interfaces", "tunnel", tunnel.word, "source-interface")
            lacks.append(lacking(interface, "a tunnel has an address or an interface of its own, not both", *path))
        rename_word(tunnel, "source-interface", "dhcp-interface")
    return lacks
