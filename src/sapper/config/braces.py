"""Reads the braces of a saved configuration: ``name {``, ``name tag {``, ``name value`` at the end of its line.

One compiled expression takes a whole statement in the form that routers save; whatever it does not match goes word
by word, more leniently than VyOS reads, and each leniency is a defect at its place. Open blocks are a list, not
calls, so that depth is bounded by memory alone. Work is linear in the text. Blocks written twice merge.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sapper.config.comments import Comments
from sapper.config.quotes import Quotes
from sapper.config.shown import headers_shown, shown
from sapper.config.tree import Defect, Document, Node, Source, Span

_BARE = r"(?!/[/*]|\#)[^\s{}\"']++"
# As saved: name, then a value or tag without backslashes, then a brace or the end of the line.
_STATEMENT = re.compile(
    rf"[ \t\r\n]*+(?:(\}})|({_BARE})(?:[ \t]++(?:({_BARE})|(\"[^\"\\\n]*+\"|'[^'\\\n]*+')))?+"
    r"[ \t\r]*+(?:(\{)|\n|\Z))"
)
_CLOSE, _NAME, _VALUE, _QUOTED, _OPEN = range(1, 6)
_BLANK = re.compile(r"[ \t\r\n]*+")
_WORD = re.compile(r"[^ \t\r\n{}\"']+")
_NAMED_AT_MOST = 40


def _written(parent: Node, word: str, span: tuple[int, int]) -> Node:
    """As Node.add, in a third of the time; the extent grows too."""
    place = tuple.__new__(Span, span)
    node = parent.children.get(word)
    if node is None:
        node = parent.children[word] = Node(word, [place])
    else:
        node.spans.append(place)
        node.extent = Span(node.extent.start, place.end)
    return node


class _Block(NamedTuple):
    """An open block: the nodes of its words, outermost first (none if it has no name), and the node around it."""

    nodes: tuple[Node, ...]
    around: Node


def read_braces(source: Source) -> Document:
    """The document of a text in braces. Never fails; what could not be read is in its defects."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.text = source.text
        self.document = Document(source, "braces", Node(""))
        self.quotes = Quotes(source.text)
        self.comments = Comments(self.document)
        self.here = self.document.root
        self.open: list[_Block] = []
        self.saved: re.Match[str] | None = None  # the last statement, if it had the saved form
        self.last_token = Span(0, 0)  # the last token otherwise

    def read(self) -> Document:
        text = self.text
        at = 1 if text.startswith("\ufeff") else 0
        statement = _STATEMENT.match
        while at < len(text):
            found = statement(text, at)
            if found is None:
                at = self._slowly(at)
            elif found.lastindex == _CLOSE:
                at = self._close(found.end() - 1)
            else:
                self._saved(found)
                at = found.end()
        self._end_of_text()
        self.document.defects.sort(key=lambda defect: defect.span)
        return self.document

    def _saved(self, found: re.Match[str]) -> None:
        """A statement as routers save it."""
        self.saved = found
        here = self.here
        name = node = _written(here, found[_NAME], found.span(_NAME))
        last = found.lastindex
        if last != _NAME:
            if found[_VALUE] is not None:
                node = _written(name, found[_VALUE], found.span(_VALUE))
            elif found[_QUOTED] is not None:
                node = _written(name, found[_QUOTED][1:-1], found.span(_QUOTED))
        if last == _OPEN:
            self.open.append(_Block((name,) if node is name else (name, node), here))
            self.here = node
            self.comments.attach(node)
            return
        if node is not name:
            name.extent = tuple.__new__(Span, (name.extent[0], node.extent[1]))
        if self.comments.pending:
            self.comments.attach(name)

    def _slowly(self, at: int) -> int:
        """What is not in the saved form: a comment, a stray brace, or a statement taken word by word."""
        blank = _BLANK.match(self.text, at)
        at = blank.end() if blank else at
        if at >= len(self.text):
            return at
        if (after := self.comments.skip(at)) is not None:
            return after
        if self.text[at] == "{":
            return self._stray_brace(at)
        words, spans, end = self._words(at)
        self._statement(words, spans, opens=self.text.startswith("{", end))
        if self.text.startswith("}", end):
            self._defect(
                "SYN003", "expected the end of the line before this brace; it closes the block", end, end + 1
            )
        return end + 1 if self.text.startswith(("{", "\n"), end) else end

    def _words(self, at: int) -> tuple[list[str], list[Span], int]:
        """The words up to a brace or the end of the line, and where that is."""
        text = self.text
        words: list[str] = []
        spans: list[Span] = []
        while at < len(text) and text[at] not in "\n{}":
            if text[at] in " \t\r":
                at += 1
            elif text[at] in "'\"":
                quoted = self.quotes.braces(at)
                if not quoted.closed:
                    self._defect("SYN002", "this quote is not closed; the value ends with the line", at, at + 1)
                words.append(quoted.value)
                spans.append(Span(at, quoted.end))
                at = quoted.end
            elif words and (after := self.comments.skip_behind(at, len(words))) is not None:
                at = after
            elif found := _WORD.match(text, at):
                words.append(found[0])
                spans.append(Span(*found.span()))
                at = found.end()
        return words, spans, at

    def _statement(self, words: list[str], spans: list[Span], opens: bool) -> None:
        self.saved = None
        self.last_token = Span(spans[-1].end, spans[-1].end + 1) if opens else spans[-1]
        if not opens and not self.open and len(words) > 2:
            message = "no statement of this syntax; expected a name and an opening brace; the line was skipped"
            self._defect("SYN004", message, spans[0].start, spans[-1].end)
            return
        if self.text[spans[0].start] in "'\"":
            self._defect("SYN004", "expected a name without quotes; the quotes were ignored", *spans[0])
        name = _written(self.here, words[0], spans[0])
        if opens:
            self._open_block(name, words, spans)
            return
        for word, span in zip(words[1:], spans[1:], strict=True):
            _written(name, word, span)
        name.extent = Span(name.extent.start, spans[-1].end)
        if len(words) > 2:
            message = f"{shown(words[0])} has more than one value on its line (quote a value with blanks in it); each was read"
            self._defect("SYN006", message, spans[2].start, spans[-1].end)
        self.comments.attach(name)

    def _open_block(self, name: Node, words: list[str], spans: list[Span]) -> None:
        nodes = [name]
        for word, span in zip(words[1:], spans[1:], strict=True):
            nodes.append(_written(nodes[-1], word, span))
        if len(words) > 2:
            message = (
                "expected an opening brace: a block has a name and at most one tag; read as blocks in each other"
            )
            self._defect("SYN004", message, spans[2].start, spans[-1].end)
        self.open.append(_Block(tuple(nodes), self.here))
        self.here = nodes[-1]
        self.comments.attach(self.here)

    def _stray_brace(self, at: int) -> int:
        """A brace at the start of a line opens the statement before it, or nothing of its own."""
        nodes: list[Node] = []
        saved = self.saved
        if saved and not saved[_OPEN] and not self.text[saved.end() : at].strip(" \t\r\n"):
            nodes = [self.here.children[saved[_NAME]]]
            if saved[_VALUE] or saved[_QUOTED]:
                nodes.append(nodes[0].children[saved[_VALUE] or saved[_QUOTED][1:-1]])
        how = "as if it stood on the line above" if nodes else "as part of the block around it"
        self._defect("SYN004", f"expected a name before this brace; what it holds was read {how}", at, at + 1)
        self.open.append(_Block(tuple(nodes), self.here))
        self.here = nodes[-1] if nodes else self.here
        self.saved = None
        self.last_token = Span(at, at + 1)
        return at + 1

    def _close(self, at: int) -> int:
        self.saved = None
        self.last_token = Span(at, at + 1)
        self.comments.drop_pending()
        if not self.open:
            self._defect("SYN003", "this brace closes no block; skipped", at, at + 1)
            return at + 1
        block = self.open.pop()
        for node in block.nodes:
            node.extent = Span(node.extent.start, at + 1)
        self.here = block.around
        return at + 1

    def _end_of_text(self) -> None:
        self.comments.drop_pending()
        if self.saved is not None:
            group = self.saved.lastindex or _NAME
            self.last_token = Span(*self.saved.span(group))
        root = self.document.root
        if root.children:
            root.extent = Span(next(iter(root.children.values())).extent.start, self.last_token.end)
        if not self.open:
            return
        for block in self.open:
            for node in block.nodes:
                node.extent = Span(node.extent.start, self.last_token.end)
        headers = headers_shown([tuple(node.word for node in block.nodes) for block in self.open])
        blocks = [header or "{" for header in headers]
        count = f"{len(blocks)} open block{'s' if len(blocks) > 1 else ''}"
        if len(blocks) > _NAMED_AT_MOST:
            half = _NAMED_AT_MOST // 2
            blocks[half:-half] = ["…"]
        message = f"the text ends inside {count}: {', '.join(blocks)}; read as if they were closed here"
        self._defect("SYN001", message, *self.last_token)

    def _defect(self, code: str, message: str, start: int, end: int) -> None:
        self.document.defects.append(Defect(code, message, Span(start, end)))
