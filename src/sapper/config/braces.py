"""Reads the braces of a saved configuration: ``name {``, ``name tag {``, ``name value`` at the end of its line.

Lines in the form that routers save are taken whole; whatever has another form goes word by word, more leniently
than VyOS reads, and each leniency is a defect at its place. Open blocks are a list, not calls, so that depth is
bounded by memory alone. Work is linear in the text. Blocks written twice merge.
"""

from __future__ import annotations

import re

from sapper.config.braces_text import BARE, CLOSE, NAME, OPEN, QUOTED, STATEMENT, VALUE, BracesText, note
from sapper.config.comments import Comments
from sapper.config.quotes import Quotes
from sapper.config.shown import headers_shown, shown
from sapper.config.tree import Defect, Document, Node, Source, Span

_BLANK = re.compile(r"[ \t\r\n]*+")
_WORD = re.compile(r"[^ \t\r\n{}\"']+")
_BARE_WORD = re.compile(BARE).fullmatch
_NAMED_AT_MOST = 40
_CHARACTERS_AT_ONCE = 16_384

Block = tuple[tuple[Node, ...], Node]
"""An open block: the nodes of its words, outermost first (none if it has no name), and the node around it."""


def read_braces(source: Source) -> Document:
    """The document of a text in braces. Never fails; what could not be read is in its defects."""
    return _Reader(source).read()


def block_end(source: Source, at: int) -> int:
    """Where the block ends whose header is the statement at ``at``: behind its brace, or at the end of the text."""
    reader = _Reader(source)
    at = reader.statement_at(at)
    while reader.open and at < len(source.text):
        at = reader.statement_at(at)
    return at


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.statements = BracesText(source)
        self.document = Document(source, "braces", Node("", None, None, {}, self.statements, None, -1))
        self.quotes = Quotes(source.text)
        self.comments = Comments(self.document)
        self.here = self.document.root
        self.open: list[Block] = []
        self.names: dict[str, str] = {}  # bare words seen, each once
        self.saved: int | None = None  # where the last statement began, if it had the saved form
        self.last_token = Span(0, 0)  # the last token otherwise

    def read(self) -> Document:
        text = self.text
        at = 1 if text.startswith("\ufeff") else 0
        while at < len(text):
            stop = text.rfind("\n", at, at + _CHARACTERS_AT_ONCE) + 1
            if len(text) <= at + _CHARACTERS_AT_ONCE:
                stop = len(text)
            at = self._run(at, stop) if stop > at else self.statement_at(at)
        self._end_of_text()
        self.document.defects.sort(key=lambda defect: defect.span)
        return self.document

    def _run(self, at: int, stop: int) -> int:
        """Read the lines from ``at`` to ``stop``; returns where it left off, at the start of a line or within one."""
        after = at
        for line in self.text[at:stop].split("\n"):
            end = at + len(line)
            words = line.strip(" \t\r") if at >= after else ""
            if words and (self.comments.pending or not self._saved_line(at, words)):
                after = self.statement_at(at)
            if at < after < end:  # more statements stand on the line where the last one ended
                while after < end:
                    after = self.statement_at(after)
            at = end + 1
        return max(stop, after)

    def _saved_line(self, at: int, line: str) -> bool:
        """Take a line as routers save it; False if it has another form."""
        here = self.here
        names = self.names
        last = line[-1]
        if last == '"':
            name, quote, value = line[:-1].partition(' "')
            if not quote or '"' in value or (name not in names and not self._is_name(name)):
                return False
        elif last == "{":
            return self._opens(at, line[:-1].rstrip(" \t\r"))
        elif last == "}":
            if line != "}" or not self.open:
                return False
            self._close(self.text.index("}", at))
            return True
        else:
            name, blank, value = line.partition(" ")
            if (name not in names and not self._is_name(name)) or (blank and not _BARE_WORD(value)):
                return False
            if not blank:
                self._written(here, name, at, 0)
                self.saved = at
                return True
        children = here.children
        if name in children:
            self._written(self._written(here, name, at, 0), value, at, 1)
        else:
            name = names[name]
            children[name] = Node(name, None, None, value, self.statements, at)
        self.saved = at
        return True

    def _opens(self, at: int, header: str) -> bool:
        """Open the block of a header as routers save it; False if it has another form."""
        name, blank, tag = header.partition(" ")
        if (name not in self.names and not self._is_name(name)) or (blank and not _BARE_WORD(tag)):
            return False
        around = self.here
        first = node = self._written(around, self.names[name], at, 0)
        if blank:
            node = self._written(first, tag, at, 1)
        if node.below is None:
            node.below = {}
        self.open.append(((first, node) if blank else (first,), around))
        self.here = node
        self.saved = at
        return True

    def _is_name(self, word: str) -> bool:
        """True if it is a bare word, which is then among the names."""
        if _BARE_WORD(word) is None:
            return False
        self.names[word] = word
        return True

    def _written(self, parent: Node, word: str, at: int, index: int) -> Node:
        """The child of that word, with one more statement that wrote it."""
        node = parent.children.get(word)
        if node is None:
            node = parent.children[word] = Node(word, None, None, None, self.statements, at, index)
        else:
            note(node, at)
            if node.index != index:
                self.statements.turned[id(node), at] = index
        return node

    def statement_at(self, at: int) -> int:
        """Read one statement of any form, from ``at`` on; returns where it ends."""
        found = STATEMENT.match(self.text, at)
        if found is None or (self.comments.pending and found.lastindex == CLOSE):
            return self._slowly(at)
        if found.lastindex == CLOSE:
            return self._close(found.end() - 1)
        node = name = self._written(self.here, found[NAME], at, 0)
        if found[VALUE] is not None:
            node = self._written(name, found[VALUE], at, 1)
        elif found[QUOTED] is not None:
            node = self._written(name, found[QUOTED][1:-1], at, 1)
        self.saved = at
        if found[OPEN]:
            self._open_block([name] if node is name else [name, node])
        else:
            self.comments.attach(name)
        return found.end()

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
        if self.text[at] == "}":
            return self._close(at)
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
        at = spans[0].start
        self.statements.kept[at] = spans
        nodes = [self._written(self.here, words[0], at, 0)]
        for index, word in enumerate(words[1:], 1):
            nodes.append(self._written(nodes[-1 if opens else 0], word, at, index))
        if opens:
            if len(words) > 2:
                message = "expected an opening brace: a block has a name and at most one tag; read as blocks in each other"
                self._defect("SYN004", message, spans[2].start, spans[-1].end)
            self._open_block(nodes)
            return
        if len(words) > 2:
            message = f"{shown(words[0])} has more than one value on its line (quote a value with blanks in it); each was read"
            self._defect("SYN006", message, spans[2].start, spans[-1].end)
        self.comments.attach(nodes[0])

    def _open_block(self, nodes: list[Node]) -> None:
        if nodes[-1].below is None:
            nodes[-1].below = {}
        self.open.append((tuple(nodes), self.here))
        self.here = nodes[-1]
        self.comments.attach(self.here)

    def _stray_brace(self, at: int) -> int:
        """A brace at the start of a line opens the statement before it, or nothing of its own."""
        nodes: list[Node] = []
        if self.saved is not None:
            saved = STATEMENT.match(self.text, self.saved)
            assert saved is not None
            if not saved[OPEN] and not self.text[saved.end() : at].strip(" \t\r\n"):
                nodes = [self.here.children[saved[NAME]]]
                if saved[VALUE] or saved[QUOTED]:
                    nodes.append(nodes[0].children[saved[VALUE] or saved[QUOTED][1:-1]])
        how = "as if it stood on the line above" if nodes else "as part of the block around it"
        self._defect("SYN004", f"expected a name before this brace; what it holds was read {how}", at, at + 1)
        self.open.append((tuple(nodes), self.here))
        self.here = nodes[-1] if nodes else self.here
        self.saved = None
        self.last_token = Span(at, at + 1)
        return at + 1

    def _close(self, at: int) -> int:
        """Close the innermost block with the brace at ``at``."""
        self.saved = None
        self.last_token = Span(at, at + 1)
        self.comments.drop_pending()
        if not self.open:
            last = self.document.defects[-1:]
            if last and last[0].code == "SYN003" and last[0].span.end == at:
                several = "these braces close no block; skipped"
                self.document.defects[-1] = Defect("SYN003", several, Span(last[0].span.start, at + 1))
            else:
                self._defect("SYN003", "this brace closes no block; skipped", at, at + 1)
            return at + 1
        nodes, self.here = self.open.pop()
        for node in nodes:
            node.until = at + 1
        return at + 1

    def _end_of_text(self) -> None:
        self.comments.drop_pending()
        if self.saved is not None:
            saved = STATEMENT.match(self.text, self.saved)
            assert saved is not None
            self.last_token = Span(*saved.span(saved.lastindex or NAME))
        self.document.root.until = self.last_token.end
        if not self.open:
            return
        for nodes, _ in self.open:
            for node in nodes:
                node.until = self.last_token.end
        headers = headers_shown([tuple(node.word for node in nodes) for nodes, _ in self.open])
        blocks = [header or "{" for header in headers]
        count = f"{len(blocks)} open block{'s' if len(blocks) > 1 else ''}"
        if len(blocks) > _NAMED_AT_MOST:
            half = _NAMED_AT_MOST // 2
            blocks[half:-half] = ["…"]
        message = f"the text ends inside {count}: {', '.join(blocks)}; read as if they were closed here"
        self._defect("SYN001", message, *self.last_token)

    def _defect(self, code: str, message: str, start: int, end: int) -> None:
        self.document.defects.append(Defect(code, message, Span(start, end)))
