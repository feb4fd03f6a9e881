"""Options that took ``enable`` or ``disable`` and are valueless now."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word

_VALUES = frozenset({"enable", "disable", "yes", "no", "true", "false"})


def to_flag(parent: Node, option: str, word: str, flag: str) -> None:
    """The option becomes the flag if ``word`` is the value in force, and goes otherwise.

    Without a value, or with one that the option never had, it is left for the schema to judge.
    """
    leaf = parent.children.get(option)
    if leaf is None or not leaf.children or not set(leaf.children) <= _VALUES:
        return
    if leaf.values()[-1].word == word:
        leaf.children = {}
        rename_word(parent, option, flag)
    else:
        rename_word(parent, option, None)
