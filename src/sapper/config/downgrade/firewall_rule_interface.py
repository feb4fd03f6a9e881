"""``inbound-interface name X`` of a rule in a named chain is ``inbound-interface X``: firewall steps 12-to-8."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking, lacking
from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import rules_with_paths
from sapper.config.upgrade.graft import move, take


def apply(root: Node) -> list[Lacking]:
    lacks = []
    for path, rule in rules_with_paths(root):
        for side in ("inbound-interface", "outbound-interface"):
            leaf = rule.child(side)
            if leaf is None:
                continue
            if group := leaf.child("group"):
                lacks.append(lacking(group, "a rule names one interface, no group", *path, side, "group"))
            names = take(leaf, "name")
            for value in list(names.children.values()) if names else ():
                move(value, leaf, value.word)
    return lacks
