"""``default-log`` of a policy is enable-default-log: policy step 8-to-7."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.policy_route6 import KINDS


def apply(root: Node) -> list[Lacking]:
    for kind in KINDS:
        for route in tags(root, "policy", kind):
            rename_word(route, "default-log", "enable-default-log")
    return []
