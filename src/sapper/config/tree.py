"""The one tree that every syntax is read into.

A configuration is a set of paths of words; a node is one word, and a value is a node like any other: both
``set interfaces tunnel tun0 mtu 1400`` and ``interfaces { tunnel tun0 { mtu 1400 } }`` become
interfaces → tunnel → tun0 → mtu → 1400. What is a name, a tag or a value is the schema's business.

Nothing is merged away: a leaf written twice has two value nodes in the order of writing, and a node knows every
place where it was written, so that a finding can point at the text that made it. A node notes only which
statements wrote it; places and what is below it are worked out from the text when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, Protocol

import msgspec

from sapper.config.source import Defect, Place, Source, Span, UnreadableText

__all__ = ["Defect", "Document", "Node", "Origin", "Place", "Source", "Span", "Syntax", "UnreadableText"]

Syntax = Literal["set", "braces", "json"]

_NOTHING: Mapping[str, Node] = MappingProxyType({})


class Origin(Protocol):
    """What a reader leaves behind: the text, and how its syntax says where a node stands."""

    def spans(self, node: Node) -> list[Span]:
        """Every place where the node's word was written, in order."""

    def extent(self, node: Node) -> Span:
        """From the node's first word to the end of the last statement or block below it."""

    def unfold(self, node: Node) -> dict[str, Node]:
        """The children of a node whose ``below`` is a list of statements."""


class Node(msgspec.Struct, eq=False, gc=False):
    """One word of a path and what stands below it. Children keep the order of first writing.

    ``Node(word, spans)`` makes one that no reader wrote. The fields after ``comment`` belong to the readers:
    ``below`` is what is known of the children (a dict; the word of the only one, written in the same statement;
    statements not looked at yet; or the node that this one copies), ``at`` the statements that wrote the node,
    ``index`` which of their words it is.
    """

    word: str
    written: list[Span] | None = None
    comment: str | None = None
    below: dict[str, Node] | str | list[int] | Node | None = None
    origin: Origin | Node | None = None
    at: int | list[int] | None = None
    index: int = 0
    until: int = 0
    covers: Span | None = None

    def __repr__(self) -> str:
        return f"<Node at {self.span.start}>"  # a word may be a secret

    @property
    def children(self) -> dict[str, Node]:
        below = self.below
        return below if type(below) is dict else self.unfold()

    @children.setter
    def children(self, children: dict[str, Node]) -> None:
        self.below = children

    @property
    def view(self) -> Mapping[str, Node]:
        """The children for reading only. One value that stands alone is made anew each time and not kept, which
        spares most of a large tree's memory; what is changed in it is lost.
        """
        below = self.below
        if type(below) is dict:
            return below
        if below is None:
            return _NOTHING
        return {below: self._value(below)} if type(below) is str else self.unfold()

    @property
    def lone(self) -> str | None:
        """The word of the only child, where that word is all there is to know; reading it makes no node."""
        return self.below if type(self.below) is str else None

    def look(self, *path: str) -> Node | None:
        """As :meth:`find`, for reading only: see :attr:`view`."""
        node: Node | None = self
        for word in path:
            below = node.below if node is not None else None
            if node is None or below is None or (type(below) is str and below != word):
                return None
            node = (below if type(below) is dict else node.view).get(word)
        return node

    def child(self, word: str) -> Node | None:
        """The child of that word, or None, for which nothing is made."""
        below = self.below
        if type(below) is dict:
            return below.get(word)
        if below is None or (type(below) is str and below != word):
            return None
        if type(below) is Node and word not in below.view:
            return None
        return self.unfold().get(word)

    def add(self, word: str, span: Span | None = None) -> Node:
        """The child of that word, made if it is not there; ``span`` is noted as one more place of writing."""
        children = self.children
        node = children.get(word)
        if node is None:
            node = children[word] = Node(word)
        if span is not None and node.written is not None:
            node.written.append(span)
        elif span is not None:
            node.spans = [*node.spans, span]
        return node

    def find(self, *path: str) -> Node | None:
        """The node at that path of words below this one, or None, for which nothing is copied."""
        node: Node | None = self
        for index, word in enumerate(path):
            if node is None:
                return None
            below = node.below
            if type(below) is dict:
                node = below.get(word)
            elif type(below) is Node and below.look(*path[index:]) is None:
                return None
            else:
                node = node.child(word)
        return node

    def values(self) -> list[Node]:
        """The children in order of their last writing: for a leaf, its values, the one in force last."""
        children = list(self.children.values())
        return children if len(children) < 2 else sorted(children, key=lambda node: node.span.start)

    def copy(self) -> Node:
        """A tree of the same words, places and comments that shares no node with this one, which must not change
        after it. Its nodes are made as they are looked at.
        """
        below = self if type(self.below) in (dict, Node) else self.below
        return Node(self.word, None, self.comment, below, self, None, self.index)

    @property
    def spans(self) -> list[Span]:
        """The places where the word was written, in order (quotes included); assign to change them.

        An upgraded node keeps the places of the words that it came from.
        """
        if self.written is not None:
            return self.written
        if self.origin is None:
            return []
        return self.origin.spans if isinstance(self.origin, Node) else self.origin.spans(self)

    @spans.setter
    def spans(self, spans: list[Span]) -> None:
        if self.covers is None and self.origin is not None:
            self.covers = self.extent
        self.written = spans

    @property
    def span(self) -> Span:
        """Where the word was last written; an empty span at 0 for what no text wrote."""
        spans = self.spans
        return spans[-1] if spans else Span(0, 0)

    @property
    def extent(self) -> Span:
        """From the first word to the end of the last statement or block below it; empty for what no text wrote."""
        if self.covers is not None:
            return self.covers
        if isinstance(self.origin, Node):
            return self.origin.extent
        if self.origin is not None and self.written is None:
            return self.origin.extent(self)
        return self.written[0] if self.written else Span(0, 0)

    @extent.setter
    def extent(self, extent: Span) -> None:
        self.covers = extent

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        """This node's descendants with their paths, parents first."""
        stack = [(path, node) for node in reversed(self.children.values())]
        while stack:
            above, node = stack.pop()
            here = (*above, node.word)
            yield here, node
            if node.below is not None:
                stack.extend((here, child) for child in reversed(node.children.values()))

    def leaves(self) -> Iterator[tuple[str, ...]]:
        """Every path that ends, in order: the content of the tree without its places."""
        for path, node in self.walk():
            if not node.children:
                yield path

    def unfold(self) -> dict[str, Node]:
        """Make the children that are not there yet."""
        below = self.below
        children: dict[str, Node]
        if below is None:
            children = {}
        elif isinstance(below, str):
            children = {below: self._value(below)}
        elif isinstance(below, Node):
            children = {word: child.copy() for word, child in below.children.items()}
        else:
            written = self.original.origin
            assert written is not None
            assert not isinstance(written, Node)
            children = written.unfold(self)
        self.below = children
        return children

    @property
    def original(self) -> Node:
        """The node of the reader that this one was copied from; itself if it is no copy."""
        node = self
        while isinstance(node.origin, Node):
            node = node.origin
        return node

    def _value(self, word: str) -> Node:
        written = self.original
        return Node(word, None, None, None, written.origin, written.at, written.index + 1)


class Document:
    """What reading one text gives: the source, its syntax, the tree, and the defects found on the way.

    ``components`` is the version footer (component name to number), empty without one. ``remarks`` are the places
    of the comments that became a node's.
    """

    __slots__ = ("components", "defects", "release", "remarks", "root", "source", "syntax")

    def __init__(self, source: Source, syntax: Syntax, root: Node) -> None:
        self.source = source
        self.syntax: Syntax = syntax
        self.root = root
        self.defects: list[Defect] = []
        self.components: dict[str, int] = {}
        self.release: str | None = None
        self.remarks: list[tuple[Node, Span]] = []
