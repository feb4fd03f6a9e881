"""Changes to a document: new text in which every byte that a change does not touch is as it was.

A change names a path of words. Each is done as a splice of the text, which is then read again, so that the next
change sees what the last one made, and so that a text in which the change did not take is refused and never
returned. Comments stay with their node and go with it. As on a router, what has lost its last child stays, except
a leaf that lost its value and a tag that lost its last name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from sapper.config import edit_braces, edit_json, edit_set
from sapper.config.read import read
from sapper.config.shape import Kind, Path, Shape, either, nothing_known, written_shape
from sapper.config.splice import Splice, spliced
from sapper.config.tree import Document, Node, Source, UnreadableText
from sapper.config.uneditable import CannotEdit

__all__ = ["CannotEdit", "Change", "Delete", "Put", "Rename", "SetValue", "edit"]

_NODE_NAME = re.compile(r"[a-z][a-z-]*(?:v[346]|(?:route|list)6)?")
_SYNTAXES = {"set": edit_set, "braces": edit_braces, "json": edit_json}


class Put(NamedTuple):
    """Make the path exist: adds a node, or one more value of a leaf. Nothing happens if it exists."""

    path: Path


class SetValue(NamedTuple):
    """Make ``value`` the only value of the leaf at the path, which is made if it is not there."""

    path: Path
    value: str


class Delete(NamedTuple):
    """Remove the node at the path and all below it. Raises CannotEdit if there is none."""

    path: Path


class Rename(NamedTuple):
    """Give the node at the path another word, in every place. Raises CannotEdit if there is none."""

    path: Path
    word: str


Change = Put | SetValue | Delete | Rename


def edit(document: Document, changes: Iterable[Change], shape: Shape = nothing_known) -> str:
    """The document's text after the changes, done one after the other.

    Raises CannotEdit with the path of the change that cannot be done, and UnprintableWord for a word that the
    document's syntax cannot carry. ``shape`` decides how new words are laid out and what goes when it is empty.
    """
    for change in changes:
        known = either(shape, written_shape(document))
        kept = _target(document, change.path, known)[:-1] if isinstance(change, Delete) else ()
        document = _changed(document, change, known)
        if kept and document.root.find(*kept) is None:
            document = _changed(document, Put(kept), known)
    return document.source.text


def _changed(document: Document, change: Change, shape: Shape) -> Document:
    if not change.path or "" in change.path[:-1]:
        raise CannotEdit(change.path, "a change needs a path of words")
    text = document.source.text
    failure = ""
    for splices in _attempts(document, change, shape):
        if not splices:
            return document
        again: Document | None
        try:
            again = read(spliced(text, splices), document.source.path)
        except UnreadableText as error:
            again, failure = _nothing_left(document, spliced(text, splices)), error.message
        if again is not None and again.syntax == document.syntax and _took(again.root, change):
            return again
    raise CannotEdit(change.path, f"the text around it does not allow the change{'; ' if failure else ''}{failure}")


def _attempts(document: Document, change: Change, shape: Shape) -> Iterable[list[Splice]]:
    """The splices that may do it, the better first."""
    syntax = _SYNTAXES[document.syntax]
    path = change.path
    node = document.root.find(*path)
    if isinstance(change, Put):
        if node is not None:
            yield []
        else:
            yield from syntax.put(document, path, shape)
        return
    if isinstance(change, SetValue):
        if node is None or not node.children:
            yield from syntax.put(document, (*path, change.value), shape)
        elif any(child.children for child in node.children.values()):
            raise CannotEdit(path, "what stands below it is no value")
        else:
            yield (
                []
                if list(node.children) == [change.value]
                else syntax.set_value(document, path, node, change.value)
            )
        return
    if node is None:
        raise CannotEdit(path, "there is no such path")
    if isinstance(change, Rename):
        yield [] if change.word == path[-1] else syntax.rename(document, path, node, change.word)
        return
    target = _target(document, path, shape)
    found = document.root.find(*target)
    assert found is not None
    yield syntax.delete(document, target, found)


def _target(document: Document, path: Path, shape: Shape) -> Path:
    """What goes if the path is deleted: the highest node that would be left empty and means nothing then."""
    while len(path) > 1:
        parent = document.root.find(*path[:-1])
        if parent is None or list(parent.children) != [path[-1]]:
            break
        if not _goes_when_empty(path[:-1], path[-1], shape):
            break
        path = path[:-1]
    return path


def _goes_when_empty(path: Path, last: str, shape: Shape) -> bool:
    kind: Kind | None = shape(path)
    if kind is None:
        return not _NODE_NAME.fullmatch(last)
    return kind in ("leaf", "multi", "tag")


def _took(root: Node, change: Change) -> bool:
    if isinstance(change, Put):
        return root.find(*change.path) is not None
    if isinstance(change, SetValue):
        leaf = root.find(*change.path)
        return leaf is not None and list(leaf.children) == [change.value]
    if isinstance(change, Rename):
        return root.find(*change.path) is None and root.find(*change.path[:-1], change.word) is not None
    return root.find(*change.path) is None


def _nothing_left(document: Document, text: str) -> Document | None:
    """The empty document, where a change took the last statement away."""
    if len(document.root.children) > 1 or (text.strip() and document.syntax == "json" and text.strip() != "{}"):
        return None
    return Document(Source(document.source.path, text), document.syntax, Node(""))
