"""``link`` of a VXLAN or pseudo-ethernet interface is source-interface: VyOS' interfaces step 8-to-9."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.step import Note, Written

KINDS = ("vxlan", "pseudo-ethernet")


def apply(root: Node, written: Written) -> list[Note]:
    for kind in KINDS:
        for interface in tags(root, "interfaces", kind):
            rename_word(interface, "link", "source-interface")
    return []
