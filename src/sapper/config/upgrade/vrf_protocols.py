"""Routing of a VRF is written at the VRF: ``protocols vrf NAME`` is ``vrf name NAME protocols``. VyOS' vrf step 1-to-2."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, prune, tags, take, write
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    old = root.find("protocols", "vrf")
    if old is None:
        return []
    for vrf in tags(old):
        name = vrf.word
        take(old, name)
        move(vrf, write(root, "vrf", "name", name, of=vrf), "protocols")
    prune(root, "protocols", "vrf")
    return []
