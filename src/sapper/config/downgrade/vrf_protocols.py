"""Routing of a VRF is ``protocols vrf NAME``: vrf step 2-to-1."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, tags, take, write


def apply(root: Node) -> list[Lacking]:
    for vrf in tags(root, "vrf", "name"):
        protocols = take(vrf, "protocols")
        if protocols is not None:
            move(protocols, write(root, "protocols", "vrf", of=protocols), vrf.word)
    return []
