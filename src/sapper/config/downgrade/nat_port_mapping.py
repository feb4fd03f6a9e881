"""The port mapping ``random`` is fully-random: nat step 8-to-7."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word
from sapper.config.upgrade.nat_rules import nat_rules


def apply(root: Node) -> list[Lacking]:
    for rule in nat_rules(root):
        if mapping := rule.find("translation", "options", "port-mapping"):
            rename_word(mapping, "random", "fully-random")
    return []
