"""``log`` and ``state`` of a policy's rule take ``enable``: policy step 7-to-6."""

from __future__ import annotations

from sapper.config.downgrade.rule_flags import lengthen
from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags
from sapper.config.upgrade.policy_route6 import KINDS


def apply(root: Node) -> list[Lacking]:
    for kind in KINDS:
        for route in tags(root, "policy", kind):
            for rule in tags(route, "rule"):
                lengthen(rule)
    return []
