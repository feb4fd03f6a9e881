"""VXLAN's new defaults, port 4789 and MTU 1500, are written out: interfaces step 32-to-31."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import fill, tags


def apply(root: Node) -> list[Lacking]:
    for interface in tags(root, "interfaces", "vxlan"):
        fill(interface, "port", "4789")
        fill(interface, "mtu", "1500")
    return []
