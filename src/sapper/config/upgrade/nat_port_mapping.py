"""The port mapping ``fully-random`` is random: VyOS' nat step 7-to-8."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word
from sapper.config.upgrade.nat_rules import nat_rules
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for rule in nat_rules(root):
        if mapping := rule.find("translation", "options", "port-mapping"):
            rename_word(mapping, "fully-random", "random")
    return []
