"""Prints a tree as the JSON of the VyOS HTTP API: one object, nested as the words are.

A value is a string, several are a list, and what has nothing below it is an empty object. JSON has no comments:
those of the tree are not in it. A printed tree holds every secret of the configuration.
"""

from __future__ import annotations

import json

from sapper.config.shape import Path, Shape, guessed, nothing_known
from sapper.config.tree import Node

_INDENT = "    "
_DEEPEST = 256  # characters of indentation: a nesting of thousands would be mostly blanks


def print_json(root: Node, shape: Shape = nothing_known) -> str:
    """The object, four spaces a level."""
    return json_value(root, (), shape, "") + "\n" if root.children else "{}\n"


def json_value(node: Node, path: Path, shape: Shape, indent: str) -> str:
    """What stands behind the node's name; ``indent`` is that of the line with the name."""
    parts: list[str] = []
    stack: list[tuple[Node, Path, str] | str] = [(node, path, indent)]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        node, path, indent = item
        children = list(node.children.values())
        kind = (shape(path) or guessed(node)) if path else "node"
        if not children:
            parts.append("{}")
        elif kind in ("leaf", "multi") and not any(child.children for child in children):
            words = [json_string(child.word) for child in children]
            parts.append(f"[{', '.join(words)}]" if kind == "multi" or len(words) > 1 else words[0])
        else:
            below = indent + _INDENT if len(indent) < _DEEPEST else indent
            parts.append("{\n")
            stack.append(f"{indent}}}")
            for child in reversed(children):
                stack.append("\n" if child is children[-1] else ",\n")
                stack.append((child, (*path, child.word), below))
                stack.append(f"{below}{json_string(child.word)}: ")
    return "".join(parts)


def json_string(word: str) -> str:
    """A word in JSON's quotes; what is not ASCII stands as it is."""
    return json.dumps(word, ensure_ascii=False)
