"""Prints a tree as set commands that read back as the same tree.

With a shape, values stand in single quotes as a router prints them. Without, it is not known which last word is a
value, so quotes are put only where a shell needs them. A printed tree holds every secret of the configuration: it
is for files, not for messages.
"""

from __future__ import annotations

import re

from sapper.config.shape import Path, Shape
from sapper.config.tree import Node

_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./!*|^~-]+")
_ESCAPED = re.compile(r'[\\"$`]')
_VALUED = frozenset({"leaf", "multi"})


def print_set(root: Node, shape: Shape | None = None) -> str:
    """The commands, one a line; a node's comment follows the commands below it."""
    lines: list[str] = []
    stack: list[tuple[str, Path, Node, bool] | str] = [
        ("", (), node, False) for node in reversed(root.children.values())
    ]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            lines.append(item)
            continue
        above, path, node, value = item
        command = f"{above} {quote(node.word, always=value)}"
        children = node.children
        if not children:
            lines.append(f"set{command}\n")
        if node.comment:
            stack.append(f"comment{command} {quote(node.comment, always=shape is not None)}\n")
        if children:
            here = (*path, node.word)
            valued = shape is not None and shape(here) in _VALUED
            stack.extend((command, here, child, valued) for child in reversed(children.values()))
    return "".join(lines)


def quote(word: str, always: bool = False) -> str:
    """One word as a shell reads it back; ``always`` in quotes, or only where the shell needs them."""
    if not always and _SAFE.fullmatch(word):
        return word
    if "'" not in word:
        return f"'{word}'"
    return '"' + _ESCAPED.sub(r"\\\g<0>", word) + '"'
