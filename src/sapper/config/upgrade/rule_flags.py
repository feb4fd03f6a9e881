"""``log enable`` of a rule is the flag ``log``, ``state established enable`` one value of ``state``."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.flag import to_flag
from sapper.config.upgrade.graft import take


def shorten(rule: Node) -> None:
    """Rewrite one rule's ``log`` and ``state``."""
    to_flag(rule, "log", "enable", "log")
    state = rule.child("state")
    if state is None:
        return
    for value in list(state.children.values()):
        if value.children and set(value.children) <= {"enable", "disable"}:
            if value.values()[-1].word == "enable":
                value.children = {}
            else:
                take(state, value.word)
    if not state.children:
        take(rule, "state")
