"""``outbound-interface interface-name X`` of a NAT rule is ``outbound-interface name X``: VyOS' nat step 6-to-7.

``any`` goes, because a rule without interface meets all; a trailing ``+`` is ``*``.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, take, write
from sapper.config.upgrade.nat_rules import SIDES, nat_rules
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for rule in nat_rules(root):
        for side in SIDES:
            leaf = rule.child(side)
            names = take(leaf, "interface-name") if leaf else None
            if leaf is None or names is None:
                continue
            for value in list(names.children.values()):
                if value.word != "any":
                    word = value.word[:-1] + "*" if value.word.endswith("+") else value.word
                    move(value, write(leaf, "name", of=value), word)
            if not leaf.children:
                take(rule, side)
    return []
