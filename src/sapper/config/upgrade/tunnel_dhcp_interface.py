"""A tunnel's ``dhcp-interface`` is source-interface: VyOS' interfaces step 21-to-22."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for tunnel in tags(root, "interfaces", "tunnel"):
        rename_word(tunnel, "dhcp-interface", "source-interface")
    return []
