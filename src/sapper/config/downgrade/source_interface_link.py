"""``source-interface`` of a VXLAN or pseudo-ethernet interface is link: interfaces step 9-to-8."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.source_interface_link import KINDS


def apply(root: Node) -> list[Lacking]:
    for kind in KINDS:
        for interface in tags(root, "interfaces", kind):
            rename_word(interface, "source-interface", "link")
    return []
