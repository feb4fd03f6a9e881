"""Prints a tree as set commands that read back as the same tree.

Without a schema it is not known which last word is a value, so quotes are put only where a shell needs them.
A printed tree holds every secret of the configuration: it is for files, not for messages.
"""

from __future__ import annotations

import re

from sapper.config.tree import Node

_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./!*|^~-]+")
_ESCAPED = re.compile(r'[\\"$`]')


def print_set(root: Node) -> str:
    """The commands, one a line; a node's comment follows the commands below it."""
    lines: list[str] = []
    stack: list[tuple[str, Node, bool]] = [("", node, False) for node in reversed(root.children.values())]
    while stack:
        above, node, done = stack.pop()
        path = above if done else f"{above} {quote(node.word)}"
        if done:
            lines.append(f"comment{path} {quote(node.comment or '')}\n")
            continue
        if not node.children:
            lines.append(f"set{path}\n")
        if node.comment:
            stack.append((path, node, True))
        stack.extend((path, child, False) for child in reversed(node.children.values()))
    return "".join(lines)


def quote(word: str) -> str:
    """One word as a shell reads it back."""
    if _SAFE.fullmatch(word):
        return word
    if "'" not in word:
        return f"'{word}'"
    return '"' + _ESCAPED.sub(r"\\\g<0>", word) + '"'
