"""A document's text changed into that of another tree: what both trees say keeps its bytes, comments and order.

The trees are compared once and all changes are spliced into the text at once, so that the work is linear in the text
however much changes. The result is read again: where it is not the tree that was asked for, there is no patch, and
the caller prints the tree instead. Used where a configuration is translated to another generation of words.
"""

from __future__ import annotations

from sapper.config.patch_braces import patch_braces
from sapper.config.patch_set import patch_set
from sapper.config.read import read
from sapper.config.shape import Shape
from sapper.config.splice import spliced
from sapper.config.tree import Document, Node, UnreadableText
from sapper.config.uneditable import CannotEdit
from sapper.config.unprintable import UnprintableWord

_PATCHES = {"braces": patch_braces, "set": patch_set}


def patch(document: Document, root: Node, shape: Shape) -> str | None:
    """The document's text with the fewest lines changed that makes it ``root``; None where that cannot be done.

    ``root`` is a tree whose nodes have the places of the words that they came from, as upgrades leave them.
    """
    if document.syntax not in _PATCHES:
        return None
    try:
        text = spliced(document.source.text, _PATCHES[document.syntax](document, root, shape))
        again = read(text, document.source.path)
    except (CannotEdit, UnprintableWord, UnreadableText):
        return None
    return text if again.syntax == document.syntax and _content(again.root) == _content(root) else None


def _content(root: Node) -> dict[tuple[str, ...], str | None]:
    """Every leaf, and every comment: what a tree says, whatever the order."""
    return {path: node.comment for path, node in root.walk() if not node.children or node.comment}
