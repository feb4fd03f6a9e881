"""Where the nodes of a text in braces stand.

A statement is known by the offset at which reading it began; a node's ``at`` are the statements that wrote its word.
What was saved by a router reads the same again, so no place is stored; only statements that took the slow way are
kept as they were read.
"""

from __future__ import annotations

import re

from sapper.config.source import Source, Span
from sapper.config.tree import Node

BARE = r"(?!/[/*]|\#)[^\s{}\"']++"
# As saved: name, then a value or tag without backslashes, then a brace or the end of the line. The optional group must
# not be possessive: Python 3.11.2, which Debian 12 ships, matches possessive groups that capture wrongly.
STATEMENT = re.compile(
    rf"[ \t\r\n]*+(?:(\}})|({BARE})(?:[ \t]++(?:({BARE})|(\"[^\"\n]*+\"(?=[ \t\r]*+(?:\n|\Z))|\"[^\"\\\n]*+\"|'[^'\\\n]*+')))?"
    r"[ \t\r]*+(?:(\{)|\n|\Z))"
)
CLOSE, NAME, VALUE, QUOTED, OPEN = range(1, 6)


class BracesText:
    """The statements of one text; ``kept`` are those that are not read again."""

    __slots__ = ("_text", "kept", "turned")

    def __init__(self, source: Source) -> None:
        self._text = source.text
        self.kept: dict[int, list[Span]] = {}
        # Which word of a statement wrote the node (by id) where it is not the node's ``index``: ``a b`` and ``a { b }``.
        self.turned: dict[tuple[int, int], int] = {}

    def spans(self, node: Node) -> list[Span]:
        return [self.statement(at)[self.index_in(node, at)] for at in statements(node)]

    def index_in(self, node: Node, at: int) -> int:
        """Which word of the statement at ``at`` wrote the node."""
        return self.turned.get((id(node), at), node.index)

    def extent(self, node: Node) -> Span:
        if node.index < 0:
            extents = [child.extent for child in node.children.values()]
            return Span(min(extents)[0], max(node.until, extents[-1].end)) if extents else Span(0, 0)
        written = statements(node)
        last = self.statement(written[-1])
        end = last[self.index_in(node, written[-1])].end if node.below is None else last[-1].end
        start = self.statement(written[0])[self.index_in(node, written[0])].start
        return Span(start, max(end, node.until))

    def unfold(self, node: Node) -> dict[str, Node]:
        raise AssertionError("every block was read")

    def statement(self, at: int) -> list[Span]:
        """The places of a statement's words."""
        if (kept := self.kept.get(at)) is not None:
            return kept
        found = STATEMENT.match(self._text, at)
        assert found is not None
        return [Span(*found.span(group)) for group in (NAME, VALUE, QUOTED) if found[group] is not None]


def statements(node: Node) -> list[int]:
    """The statements that wrote the node's word, in order."""
    at = node.at
    return [] if at is None else [at] if isinstance(at, int) else at


def note(node: Node, at: int) -> None:
    """Note one more statement that writes the node's word."""
    if isinstance(node.below, str):
        node.unfold()  # what is below was written by the statements until now
    if node.at is None:
        node.at = at
    elif isinstance(node.at, int):
        node.at = [node.at, at]
    else:
        node.at.append(at)
