"""There are no VRFs until 1.2."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags
from sapper.config.upgrade.vlans import with_vlans

_REASON = "it has no VRFs"


def apply(root: Node) -> list[Lacking]:
    lacks = [lacking(vrf, _REASON, "vrf", "name", vrf.word) for vrf in tags(root, "vrf", "name")]
    for node, _name, path in with_vlans(root):
        if vrf := node.child("vrf"):
            lacks.append(lacking(vrf, _REASON, *path, "vrf"))
    return lacks
