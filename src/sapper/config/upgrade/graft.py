"""Moving words about in a tree that an upgrade owns: copy, rename, move, write, and share what stayed as it was.

Every function keeps the places of the words: what is renamed keeps its spans, what is moved takes them along, and
what is written anew gets those of the words it came from. Two nodes that end up under one name are merged, their
places in the order of writing. Nothing recurses, so depth does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from operator import is_

from sapper.config.tree import Node, Span


def copy(root: Node) -> Node:
    """A tree of the same words and places that shares no node with the first."""
    return root.copy()


def share(root: Node) -> Node:
    """Put the nodes of the first tree where the copy is like it, so that only what differs is there twice; neither
    may change after it.
    """
    order: list[dict[str, Node]] = []
    stack = [root]
    while stack:
        below = stack.pop().below
        if type(below) is dict:
            order.append(below)
            stack.extend(below.values())
    while order:
        children = order.pop()
        for word, child in children.items():
            if type(child.origin) is Node and _like_first(child, child.origin):
                children[word] = child.origin
    return root


def _like_first(node: Node, first: Node) -> bool:
    """True if the copy of a node says what that node does; below it the first's own stand already where alike."""
    if node.word != first.word or node.comment != first.comment:
        return False
    if node.written is not None or node.covers is not None:
        return False
    below, whole = node.below, first.below
    if type(below) is not dict:
        return True  # nobody looked
    if type(whole) is dict:
        return len(below) == len(whole) and all(map(is_, below.values(), whole.values()))
    if type(whole) is str:
        value = below.get(whole)
        if value is None or value.word != whole or len(below) > 1 or value.below:
            return False
        return value.written is None and value.comment is None and value.origin is first.origin
    return whole is None and not below


def rename(parent: Node, new_word: Callable[[Node], str | None]) -> None:
    """Give every child the word that ``new_word`` says (None: drop it), keeping the order."""
    below = parent.below
    looked_at = below.view if isinstance(below, Node) else parent.view
    if all(new_word(child) == child.word for child in looked_at.values()):
        return
    before = list(parent.children.values())
    words = [new_word(child) for child in before]
    parent.children = {}
    for word, child in zip(words, before, strict=True):
        if word is not None:
            move(child, parent, word)


def rename_word(parent: Node, old: str, new: str | None) -> None:
    """Rename (None: drop) one child, if it is there."""
    if parent.child(old) is not None:
        rename(parent, lambda child: new if child.word == old else child.word)


def move(node: Node, parent: Node, word: str) -> Node:
    """Put ``node`` under ``parent`` as ``word``; the caller has taken it from where it was."""
    there = parent.children.get(word)
    if there is None:
        node.word = word
        parent.children[word] = node
        return node
    stack = [(node, there)]
    while stack:
        source, target = stack.pop()
        _take_places(target, source)
        for child in source.children.values():
            known = target.children.get(child.word)
            if known is None:
                target.children[child.word] = child
            else:
                stack.append((child, known))
    return there


def take(parent: Node, word: str) -> Node | None:
    """Remove a child and return it."""
    return parent.children.pop(word) if parent.child(word) is not None else None


def write(parent: Node, *words: str, of: Node) -> Node:
    """The node at that path below ``parent``; what is new there has the places of ``of``."""
    node = parent
    for word in words:
        child = node.child(word)
        if child is None:
            child = node.children[word] = Node(word, [of.span] if of.spans else [])
            child.extent = of.extent
        node = child
    return node


def write_value(parent: Node, name: str, value: Node) -> Node:
    """A leaf ``name`` with the word and places of ``value``, which stays where it is."""
    leaf = write(parent, name, of=value)
    if value.word in leaf.children:
        return leaf.children[value.word]
    made = leaf.children[value.word] = Node(value.word, list(value.spans))
    made.extent = value.extent
    return made


def fill(parent: Node, option: str, value: str) -> None:
    """Write the option with that value, at the place of its owner's word, unless the text has it."""
    if parent.child(option) is None:
        write(parent, option, value, of=spot(parent))


def spot(owner: Node) -> Node:
    """The place of the owner's word, for what no text wrote."""
    made = Node(owner.word, owner.spans)
    made.extent = owner.span
    return made


def prune(root: Node, *path: str) -> None:
    """Remove the nodes of that path from its end, as long as they are empty."""
    nodes = [root]
    for word in path:
        child = nodes[-1].child(word)
        if child is None:
            break
        nodes.append(child)
    for parent, child in reversed(list(pairwise(nodes))):
        if child.view:
            return
        del parent.children[child.word]


def tags(root: Node, *path: str) -> Iterator[Node]:
    """The nodes below that path, none if it is not there; the tree may be changed meanwhile."""
    node = root.find(*path)
    if node is not None:
        yield from list(node.children.values())


def _take_places(target: Node, source: Node) -> None:
    if source.spans:
        covered = [node.extent for node in (target, source) if node.spans]
        target.extent = Span(min(span.start for span in covered), max(span.end for span in covered))
        target.spans = sorted({*target.spans, *source.spans})
    target.comment = target.comment or source.comment
