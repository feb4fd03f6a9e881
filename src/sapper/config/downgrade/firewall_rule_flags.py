"""``log`` and ``state`` of a firewall rule take ``enable``: firewall step 13-to-12."""

from __future__ import annotations

from sapper.config.downgrade.from_flag import from_flag
from sapper.config.downgrade.rule_flags import lengthen
from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import rules
from sapper.config.upgrade.graft import tags


def apply(root: Node) -> list[Lacking]:
    for rule in rules(root):
        lengthen(rule)
    for state in tags(root, "firewall", "global-options", "state-policy"):
        from_flag(state, "log", "log", "enable")
    return []
