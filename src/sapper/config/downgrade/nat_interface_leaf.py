"""``outbound-interface interface-name X`` of a NAT rule is ``outbound-interface X``: nat step 6-to-5."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, take
from sapper.config.upgrade.nat_rules import SIDES, nat_rules


def apply(root: Node) -> list[Lacking]:
    for rule in nat_rules(root):
        for side in SIDES:
            leaf = rule.child(side)
            names = take(leaf, "interface-name") if leaf else None
            for value in list(names.children.values()) if leaf and names else ():
                if leaf is not None:
                    move(value, leaf, value.word)
    return []
