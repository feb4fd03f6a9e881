"""What kind of word each node of a tree is, for printers: a tree alone does not tell a value from a node.

The schema knows it for the words it has; the text of a document in braces or JSON shows it for its own words; a
guess is left for the rest. A wrong guess changes how a word is laid out, never which tree is read back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from sapper.config.braces_text import BracesText, statements
from sapper.config.tree import Document, Node

Kind = Literal["node", "tag", "leaf", "multi", "flag"]
Path = tuple[str, ...]
Shape = Callable[[Path], Kind | None]
"""The kind of the node at a path of real words, or None if it is not known. A tag's name is a ``node``."""

_NODE_NAME = re.compile(r"[a-z][a-z0-9-]*")
_OPENS = re.compile(r"[ \t\r]*\{")


def nothing_known(path: Path) -> None:
    """The shape that knows no word."""


def either(*shapes: Shape) -> Shape:
    """The shape that asks each in turn."""

    def asked(path: Path) -> Kind | None:
        return next((kind for shape in shapes if (kind := shape(path)) is not None), None)

    return asked


def written_shape(document: Document) -> Shape:
    """What the document's own text says of its words; set commands say nothing."""
    root = document.root
    if document.syntax == "set":
        return nothing_known

    def asked(path: Path) -> Kind | None:
        node = root.find(*path)
        if node is None:
            return None
        return _in_braces(document, node) if isinstance(node.origin, BracesText) else _in_json(document, node)

    return asked


def guessed(node: Node) -> Kind:
    """The likely kind of a word that nobody knows, by what is below it."""
    children = node.children
    if not children:
        return "flag"
    names_only = all(_NODE_NAME.fullmatch(word) for word in children)
    if any(child.children for child in children.values()):
        return "node" if names_only else "tag"
    if len(children) == 1:
        return "leaf"
    return "node" if names_only else "multi"


def _in_braces(document: Document, node: Node) -> Kind | None:
    origin, text = node.origin, document.source.text
    assert isinstance(origin, BracesText)
    kinds: set[Kind] = set()
    for at in statements(node):
        spans = origin.statement(at)
        opens = _OPENS.match(text, spans[-1].end) is not None
        if origin.index_in(node, at):
            return "node" if opens else None
        if opens:
            kinds.add("tag" if len(spans) > 1 else "node")
        else:
            kinds.add("leaf" if len(spans) > 1 else "flag")
    if "tag" in kinds:
        return "tag"
    if "leaf" in kinds:
        return "multi" if len(node.children) > 1 else "leaf"
    return "node" if "node" in kinds else "flag"


def _in_json(document: Document, node: Node) -> Kind | None:
    opening = document.source.text[node.extent.end - 1]
    if opening == '"' and node.children:
        return "leaf"
    if opening == "]":
        return "multi"
    return None if node.children else "flag"
