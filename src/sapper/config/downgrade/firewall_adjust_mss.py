"""``ip adjust-mss`` of an interface is ``firewall options interface IF adjust-mss``: firewall step 6-to-5.

The older option takes a number only.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.firewall_adjust_mss import PLACES
from sapper.config.upgrade.graft import move, tags, take, write
from sapper.config.upgrade.vlans import with_vlans


def apply(root: Node) -> list[Lacking]:
    lacks = []
    for node, name, path in list(with_vlans(root)):
        for option, family in PLACES.items():
            options = node.child(family)
            lacks += [
                lacking(value, "the MSS is a number", *path, family, "adjust-mss")
                for value in tags(node, family, "adjust-mss")
                if not value.word.isdigit()
            ]
            leaf = take(options, "adjust-mss") if options else None
            if options is not None and leaf is not None:
                move(leaf, write(root, "firewall", "options", "interface", name, of=leaf), option)
                if not options.children:
                    take(node, family)
    return lacks
