"""``smp-affinity`` of an ethernet interface is gone: VyOS' interfaces step 14-to-15."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags, take
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for interface in tags(root, "interfaces", "ethernet"):
        take(interface, "smp-affinity")
    return []
