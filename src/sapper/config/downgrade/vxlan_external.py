"""VXLAN's ``parameters external`` is external: interfaces step 32-to-31."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, prune, tags, take


def apply(root: Node) -> list[Lacking]:
    for interface in tags(root, "interfaces", "vxlan"):
        parameters = interface.child("parameters")
        external = take(parameters, "external") if parameters else None
        if external is not None:
            move(external, interface, "external")
            prune(interface, "parameters")
    return []
