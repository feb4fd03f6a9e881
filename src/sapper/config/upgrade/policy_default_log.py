"""``enable-default-log`` of a policy is default-log: VyOS' policy step 7-to-8."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.policy_route6 import KINDS
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for kind in KINDS:
        for route in tags(root, "policy", kind):
            rename_word(route, "enable-default-log", "default-log")
    return []
