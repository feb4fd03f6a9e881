"""``log enable`` of a NAT rule is the flag ``log``: VyOS' nat step 4-to-5."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.flag import to_flag
from sapper.config.upgrade.nat_rules import nat_rules
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for rule in nat_rules(root):
        to_flag(rule, "log", "enable", "log")
    return []
