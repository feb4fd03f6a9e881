"""``outbound-interface name X`` of a NAT rule is ``outbound-interface interface-name X``: nat step 7-to-6.

A trailing ``*`` is ``+``. Groups of interfaces are not known.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, tags, take, write
from sapper.config.upgrade.nat_rules import SIDES


def apply(root: Node) -> list[Lacking]:
    lacks: list[Lacking] = []
    for kind in ("source", "destination"):
        for rule in tags(root, "nat", kind, "rule"):
            for side in SIDES:
                leaf = rule.child(side)
                if leaf is None:
                    continue
                if group := leaf.child("group"):
                    path = ("nat", kind, "rule", rule.word, side, "group")
                    lacks.append(lacking(group, "a NAT rule names one interface, no group", *path))
                names = take(leaf, "name")
                for value in list(names.children.values()) if names else ():
                    word = value.word[:-1] + "+" if value.word.endswith("*") else value.word
                    move(value, write(leaf, "interface-name", of=value), word)
    return lacks
