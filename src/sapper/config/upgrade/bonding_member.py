"""``bond-group`` on an interface is membership written at the bond: VyOS' interfaces step 1-to-2."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import take, write
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.vlans import with_vlans


def apply(root: Node, written: Written) -> list[Note]:
    for node, name, _path in list(with_vlans(root)):
        group = take(node, "bond-group")
        for bond in group.children.values() if group else ():
            write(root, "interfaces", "bonding", bond.word, "member", "interface", name, of=bond)
    return []
