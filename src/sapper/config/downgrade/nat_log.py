"""The flag ``log`` of a NAT rule is ``log enable``: nat step 5-to-4."""

from __future__ import annotations

from sapper.config.downgrade.from_flag import from_flag
from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.nat_rules import nat_rules


def apply(root: Node) -> list[Lacking]:
    for rule in nat_rules(root):
        from_flag(rule, "log", "log", "enable")
    return []
