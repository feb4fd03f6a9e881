"""``log enable`` and ``state X enable`` of a policy's rule lost their ``enable``: VyOS' policy step 6-to-7."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags
from sapper.config.upgrade.policy_route6 import KINDS
from sapper.config.upgrade.rule_flags import shorten
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for kind in KINDS:
        for route in tags(root, "policy", kind):
            for rule in tags(route, "rule"):
                shorten(rule)
    return []
