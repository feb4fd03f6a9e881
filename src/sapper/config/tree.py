"""The one tree that every syntax is read into.

A configuration is a set of paths of words; a node is one word, and a value is a node like any other: both
``set interfaces tunnel tun0 mtu 1400`` and ``interfaces { tunnel tun0 { mtu 1400 } }`` become
interfaces → tunnel → tun0 → mtu → 1400. What is a name, a tag or a value is the schema's business.

Nothing is merged away: a leaf written twice has two value nodes in the order of writing, and a node knows every
place where it was written, so that a finding can point at the text that made it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

Syntax = Literal["set", "braces", "json"]


class Span(NamedTuple):
    """Offsets into the text, in characters: ``start`` inclusive, ``end`` exclusive."""

    start: int
    end: int


class Place(NamedTuple):
    """A position for people: line and column count from 1, offset from 0, all in characters."""

    line: int
    column: int
    offset: int


class Source:
    """A text and its name; turns offsets into lines and columns."""

    __slots__ = ("_line_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._line_starts: list[int] | None = None

    def place(self, offset: int) -> Place:
        if self._line_starts is None:
            starts = [0]
            at = self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._line_starts = starts
        line = bisect_right(self._line_starts, offset)
        return Place(line, offset - self._line_starts[line - 1] + 1, offset)


class Node:
    """One word of a path and what stands below it.

    ``spans`` are the places where the word itself was written, in order (quotes included); an upgraded node keeps
    the places of the words that it came from. ``extent`` spans from the first word to the end of the last
    statement or block below it. Children keep the order of first writing.
    """

    __slots__ = ("children", "comment", "extent", "spans", "word")

    def __init__(self, word: str, spans: list[Span] | None = None) -> None:
        self.word = word
        self.spans: list[Span] = spans if spans is not None else []
        self.extent: Span = self.spans[0] if self.spans else Span(0, 0)
        self.children: dict[str, Node] = {}
        self.comment: str | None = None

    def child(self, word: str) -> Node | None:
        return self.children.get(word)

    def add(self, word: str, span: Span | None = None) -> Node:
        """The child of that word, made if it is not there; ``span`` is noted as one more place of writing."""
        node = self.children.get(word)
        if node is None:
            node = self.children[word] = Node(word)
            if span is not None:
                node.extent = span
        if span is not None:
            node.spans.append(span)
        return node

    def find(self, *path: str) -> Node | None:
        """The node at that path of words below this one, or None."""
        node: Node | None = self
        for word in path:
            if node is None:
                return None
            node = node.children.get(word)
        return node

    def values(self) -> list[Node]:
        """The children in order of their last writing: for a leaf, its values, the one in force last."""
        return sorted(self.children.values(), key=lambda node: node.spans[-1].start if node.spans else -1)

    @property
    def span(self) -> Span:
        """Where the word was last written; an empty span at 0 for what no text wrote."""
        return self.spans[-1] if self.spans else Span(0, 0)

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        """This node's descendants with their paths, parents first."""
        stack = [(path, node) for node in reversed(self.children.values())]
        while stack:
            above, node = stack.pop()
            here = (*above, node.word)
            yield here, node
            stack.extend((here, child) for child in reversed(node.children.values()))

    def leaves(self) -> Iterator[tuple[str, ...]]:
        """Every path that ends, in order: the content of the tree without its places."""
        for path, node in self.walk():
            if not node.children:
                yield path


class Defect(NamedTuple):
    """Something about the text itself that could not be read as it stands; reading went on after it."""

    code: str
    message: str
    span: Span


class Document:
    """What reading one text gives: the source, its syntax, the tree, and the defects found on the way.

    ``components`` is the version footer (component name to number), empty without one.
    """

    __slots__ = ("components", "defects", "release", "root", "source", "syntax")

    def __init__(self, source: Source, syntax: Syntax, root: Node) -> None:
        self.source = source
        self.syntax: Syntax = syntax
        self.root = root
        self.defects: list[Defect] = []
        self.components: dict[str, int] = {}
        self.release: str | None = None


class UnreadableText(Exception):
    """The text is no configuration in any syntax. ``place`` says where reading ended, ``expected`` what fits."""

    def __init__(self, path: str, place: Place, message: str) -> None:
        super().__init__(f"{path}:{place.line}:{place.column}: {message}")
        self.path = path
        self.place = place
        self.message = message
