"""``bridge-group bridge brN`` on an interface or a VLAN of it: VyOS' interfaces step 0-to-1.

Membership is written at the bridge now. Articles leave out the word ``bridge``; that is read, and noted.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.bridge_member import join_bridge
from sapper.config.upgrade.graft import take
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.vlans import with_vlans


def apply(root: Node, written: Written) -> list[Note]:
    notes: list[Note] = []
    for node, name, path in with_vlans(root):
        group = take(node, "bridge-group")
        if group is not None:
            notes += join_bridge(root, group, name, (*path, "bridge-group"))
    return notes
