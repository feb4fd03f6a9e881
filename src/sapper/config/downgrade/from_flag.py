"""Flags that took ``enable`` or another word before."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, write


def from_flag(parent: Node, flag: str, option: str, word: str) -> None:
    """The flag becomes the option with that word as its value."""
    node = parent.children.get(flag)
    if node is not None and not node.children:
        rename_word(parent, flag, option)
        write(parent, option, word, of=node)
