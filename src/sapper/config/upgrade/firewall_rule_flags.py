"""``log enable`` and ``state X enable`` of a firewall rule lost their ``enable``: VyOS' firewall step 12-to-13."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import rules
from sapper.config.upgrade.flag import to_flag
from sapper.config.upgrade.graft import tags
from sapper.config.upgrade.rule_flags import shorten
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for rule in rules(root):
        shorten(rule)
    for state in tags(root, "firewall", "global-options", "state-policy"):
        to_flag(state, "log", "enable", "log")
    return []
