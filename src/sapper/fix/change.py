"""Changes to a configuration in the newest generation's words, applied to a tree, and turned into the text's own words.

A strategy thinks in the newest words only. What a person gets are the fewest commands of the text's own generation:
the changed tree and the unchanged one are both taken back to that generation, and what differs between them is the
change. So whatever the way back and forth alters on its own cancels out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sapper.config.downgrade.shape import older_shape
from sapper.config.edit import Change, Delete, Put, SetValue
from sapper.config.generation import ReportedGeneration
from sapper.config.print_set import print_set, quote
from sapper.config.read import read
from sapper.config.shape import Shape, either
from sapper.config.translate import translate
from sapper.config.tree import Document, Node
from sapper.config.upgrade import upgrade
from sapper.schema.shape import shape_of

Path = tuple[str, ...]
_NEW_WORDS = "1.4"


class Inexpressible(Exception):
    """The text's generation has no words for a change; the message says for which."""


def changed(root: Node, changes: Iterable[Change]) -> Node:
    """A copy of the tree with the changes in it."""
    tree = root.copy()
    for change in changes:
        if isinstance(change, Delete):
            _delete(tree, change.path)
            continue
        node = tree
        for word in change.path:
            node = node.add(word)
        if isinstance(change, SetValue):
            node.children = {}
            node.add(change.value)
    return tree


def _delete(tree: Node, path: Path) -> None:
    """As on a router, a tag or a leaf goes with the last of its names or values."""
    above = tree.find(*path[:-1])
    if above is not None:
        above.children.pop(path[-1], None)
        if not above.children and shape_of(path[:-1]) in ("tag", "leaf", "multi"):
            _delete(tree, path[:-1])


def in_own_words(document: Document, changes: Iterable[Change], generation: ReportedGeneration) -> list[Change]:
    """The changes in the words of that generation, which is the document's. Raises Inexpressible."""
    root = upgrade(document).root
    after = changed(root, changes)
    try:
        before = _leaves(_taken_back(root, generation))
    except Inexpressible:
        # The text has newer words than its generation already, so new ones do no harm.
        return list(_difference(_leaves(root), _leaves(after), shape_of))
    return list(_difference(before, _leaves(_taken_back(after, generation)), shape_for(generation)))


def command(change: Change) -> str:
    """The change as a person types it."""
    if isinstance(change, Delete):
        return "delete " + " ".join(map(quote, change.path))
    path = (*change.path, change.value) if isinstance(change, SetValue) else change.path
    return "set " + " ".join(map(quote, path))


def shape_for(generation: ReportedGeneration) -> Shape:
    """What kind of word stands where, in that generation."""
    return either(shape_of, older_shape) if generation >= _NEW_WORDS else either(older_shape, shape_of)


def _taken_back(root: Node, generation: ReportedGeneration) -> Node:
    document = read(print_set(root, shape_of), "")
    translated = translate(document, generation)
    for lacking in translated.lacking:
        raise Inexpressible(f"{generation} has no {' '.join(lacking.path)}: {lacking.reason}")
    return translated.root


def _leaves(root: Node) -> dict[Path, None]:
    return dict.fromkeys(root.leaves())


def _difference(before: dict[Path, None], after: dict[Path, None], shape: Shape) -> Iterator[Change]:
    removed = [path for path in before if path not in after]
    added = [path for path in after if path not in before]
    replaced = {path[:-1] for path in added if shape(path[:-1]) == "leaf"}
    kept = {path[:length] for path in after for length in range(1, len(path) + 1)}
    gone: dict[Path, None] = {}
    for path in removed:
        if path[:-1] not in replaced:
            gone[next(_deletable(path, kept, shape))] = None
    yield from map(Delete, gone)
    for path in added:
        if path[:-1] in replaced:
            yield SetValue(path[:-1], path[-1])
        else:
            yield Put(path)


def _deletable(path: Path, kept: set[Path], shape: Shape) -> Iterator[Path]:
    """What may be deleted of a path that is gone, the largest part first; never a tag with all of its names."""
    for length in range(1, len(path) + 1):
        if path[:length] not in kept and (length == len(path) or shape(path[:length]) != "tag"):
            yield path[:length]
