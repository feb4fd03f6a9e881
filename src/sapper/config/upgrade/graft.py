"""Moving words about in a tree that an upgrade owns: copy, rename, move, write.

Every function keeps the places of the words: what is renamed keeps its spans, what is moved takes them along, and
what is written anew gets those of the words it came from. Two nodes that end up under one name are merged, their
places in the order of writing. Nothing recurses, so depth does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sapper.config.tree import Node, Span


def copy(root: Node) -> Node:
    """A tree of the same words and places that shares no node with the first."""
    top = _bare_copy(root)
    stack = [(root, top)]
    while stack:
        old, new = stack.pop()
        for word, child in old.children.items():
            made = new.children[word] = _bare_copy(child)
            if child.children:
                stack.append((child, made))
    return top


def rename(parent: Node, new_word: Callable[[Node], str | None]) -> None:
    """Give every child the word that ``new_word`` says (None: drop it), keeping the order."""
    before = list(parent.children.values())
    words = [new_word(child) for child in before]
    if all(word == child.word for word, child in zip(words, before, strict=True)):
        return
    parent.children = {}
    for word, child in zip(words, before, strict=True):
        if word is not None:
            move(child, parent, word)


def rename_word(parent: Node, old: str, new: str | None) -> None:
    """Rename (None: drop) one child, if it is there."""
    if old in parent.children:
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
    return parent.children.pop(word, None)


def write(parent: Node, *words: str, of: Node) -> Node:
    """The node at that path below ``parent``; what is new there has the places of ``of``."""
    node = parent
    for word in words:
        child = node.children.get(word)
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


def tags(root: Node, *path: str) -> Iterator[Node]:
    """The nodes below that path, none if it is not there; the tree may be changed meanwhile."""
    node = root.find(*path)
    if node is not None:
        yield from list(node.children.values())


def _bare_copy(node: Node) -> Node:
    made = Node(node.word, list(node.spans))
    made.extent = node.extent
    made.comment = node.comment
    return made


def _take_places(target: Node, source: Node) -> None:
    if source.spans:
        covered = [node.extent for node in (target, source) if node.spans]
        target.extent = Span(min(span.start for span in covered), max(span.end for span in covered))
        target.spans = sorted({*target.spans, *source.spans})
    target.comment = target.comment or source.comment
