"""``outbound-interface X`` of a NAT rule is ``outbound-interface name X``: VyOS' nat steps 5-to-6 to 7-to-8.

``any`` goes, because a rule without interface meets all; a trailing ``+`` is ``*``. The port mapping
``fully-random`` is random.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, rename_word, tags, take, write
from sapper.config.upgrade.step import Note, Written

_NEW = frozenset({"name", "group"})


def apply(root: Node, written: Written) -> list[Note]:
    for kind in ("source", "destination"):
        for rule in tags(root, "nat", kind, "rule"):
            for side in ("outbound-interface", "inbound-interface"):
                _name(rule, side)
            if mapping := rule.find("translation", "options", "port-mapping"):
                rename_word(mapping, "fully-random", "random")
    return []


def _name(rule: Node, side: str) -> None:
    leaf = rule.child(side)
    if leaf is None or not leaf.children or _NEW & leaf.children.keys():
        return
    values = list(leaf.children.values())
    if "interface-name" in leaf.children:
        values = list(leaf.children["interface-name"].children.values())
    leaf.children = {}
    for value in values:
        if value.word != "any":
            word = value.word[:-1] + "*" if value.word.endswith("+") else value.word
            move(value, write(leaf, "name", of=value), word)
    if not leaf.children:
        take(rule, side)
