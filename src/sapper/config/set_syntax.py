"""Reads ``set`` commands, one per line, as a router prints them or a person types them.

Words are split as a shell does: single quotes, double quotes, backslash, ``#`` comments at the start of a word.
``delete`` removes what stands above it, ``comment`` notes a node. A shell prompt before the command is skipped,
and so are the session's own words (``configure``, ``commit``, ``save``, ``exit``, ``[edit]``). Every line stands
alone: what cannot be read is a defect, and reading goes on with the next line. Work is linear in the text.
"""

from __future__ import annotations

import re

from sapper.config.footer import read_footer_line
from sapper.config.quotes import Quotes
from sapper.config.recognise import PROMPT
from sapper.config.tree import Defect, Document, Node, Source, Span

# What the router itself prints: single spaces, at most the last word in quotes. Anything else takes the slow way.
_PRINTED = re.compile(r"set((?: [^\s'\"\\#]+)+)(?: '([^'\n]*)')?[ \t\r]*(?:\n|\Z)")
_LINE = re.compile(
    rf"[ \t\r]*(?:(?P<blank>(?:\#[^\n]*)?(?:\n|\Z))|(?P<foreign>//[^\n]*|/\*[^\n]*?\*/)"
    rf"|(?:{PROMPT})?(?:(?P<verb>set|delete|comment)(?=[ \t\r\n]|\Z)"
    rf"|(?P<session>(?:\#[^\n]*|configure|commit|save|exit|\[edit\])?[ \t\r]*(?:\n|\Z))))"
)
_BARE = re.compile(r"[^ \t\r\n'\"\\]+")
_NODE_NAME = re.compile(r"[a-z][a-z-]*(?:v[346]|(?:route|list)6)?")
_new_span = tuple.__new__  # a third of the time of Span(...), which is most of what reading does
_EXPECTED = "expected set, delete or comment and a path"


def read_set(source: Source) -> Document:
    """The document of a text in set commands. Never fails; what could not be read is in its defects."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.text = source.text
        self.document = Document(source, "set", Node(""))
        self.quotes = Quotes(source.text)
        self.comments: list[tuple[list[str], str, Span]] = []

    def read(self) -> Document:
        text = self.text
        at = 1 if text.startswith("\ufeff") else 0
        printed = _PRINTED.match
        while at < len(text):
            line = printed(text, at)
            if line is None:
                at = self._line(at)
            else:
                self._write_printed(line)
                at = line.end()
        for path, words, span in self.comments:
            node = self.document.root.find(*path)
            if node is None:
                self._defect("SYN004", "a comment for a path that is not set here; skipped", span.start, span.end)
            else:
                node.comment = words or None
        self._settle_root()
        self.document.defects.sort(key=lambda defect: defect.span)
        return self.document

    def _write_printed(self, line: re.Match[str]) -> None:
        at = line.start(1) + 1
        stop = line.end(1) if line[2] is None else line.end(2) + 1
        node = self.document.root
        for word in line[1][1:].split(" "):
            end = at + len(word)
            span = _new_span(Span, (at, end))
            child = node.children.get(word)
            if child is None:
                child = node.children[word] = Node(word, [span])
                child.extent = _new_span(Span, (at, stop))
            else:
                child.spans.append(span)
                child.extent = _new_span(Span, (child.extent[0], stop))
            node = child
            at = end + 1
        if line[2] is not None:
            node = node.add(line[2], _new_span(Span, (line.start(2) - 1, stop)))
            node.extent = Span(node.extent.start, stop)

    def _line(self, at: int) -> int:
        """Read the line that starts at ``at``; returns where the next one starts."""
        found = _LINE.match(self.text, at)
        if found is None:
            return self._skip(at)
        if found["foreign"] is not None:
            return self._foreign_comment(found.start("foreign"), found["foreign"])
        verb = found["verb"]
        if verb is None:
            return found.end()
        words, spans, end = self._words(found.end())
        if not words or (verb == "comment" and len(words) < 2):
            wanted = "a path and a text" if verb == "comment" else "a path"
            self._defect("SYN004", f"{verb} without {wanted}; skipped", found.start("verb"), found.end())
        elif verb == "set":
            node = self.document.root
            for word, span in zip(words, spans, strict=True):
                node = node.add(word, span)
                node.extent = Span(node.extent.start, spans[-1].end)
        elif verb == "delete":
            self._delete(words, self.text[spans[-1].start] in "'\"")
        else:
            self.comments.append((words[:-1], words[-1], Span(found.start("verb"), spans[-1].end)))
        return end

    def _words(self, at: int) -> tuple[list[str], list[Span], int]:
        """The words from ``at`` to the end of the line, and where the next line starts."""
        text = self.text
        words: list[str] = []
        spans: list[Span] = []
        while at < len(text):
            character = text[at]
            if character in " \t\r":
                at += 1
            elif character == "\n":
                return words, spans, at + 1
            elif character == "#":
                return words, spans, self._next_line(at)
            elif character == "\\" and (line_break := self._line_break(at)):
                at = line_break
            else:
                word, end = self._word(at)
                words.append(word)
                spans.append(Span(at, end))
                at = end
        return words, spans, at

    def _word(self, at: int) -> tuple[str, int]:
        text = self.text
        parts: list[str] = []
        while at < len(text) and text[at] not in " \t\r\n":
            if text[at] in "'\"":
                quoted = self.quotes.shell(at)
                if not quoted.closed:
                    self._defect("SYN002", "this quote is not closed; the value ends with the line", at, at + 1)
                parts.append(quoted.value)
                at = quoted.end
            elif text[at] == "\\":
                if self._line_break(at):
                    break
                parts.append(text[at + 1 : at + 2])
                at = min(at + 2, len(text))
            elif bare := _BARE.match(text, at):
                parts.append(bare[0])
                at = bare.end()
        return "".join(parts), at

    def _line_break(self, at: int) -> int | None:
        """Where the next line starts if the backslash at ``at`` continues this one there."""
        if self.text.startswith("\n", at + 1):
            return at + 2
        return at + 3 if self.text.startswith("\r\n", at + 1) else None

    def _delete(self, words: list[str], quoted: bool) -> None:
        """Remove a node; a leaf that loses its last value goes with it.

        Without a schema, a word is taken for a value if it was quoted or does not look like a node's name.
        """
        *above, last = words
        parent = self.document.root.find(*above)
        if parent is None or parent.children.pop(last, None) is None or parent.children or not above:
            return
        if quoted or not _NODE_NAME.fullmatch(last):
            owner = self.document.root.find(*above[:-1])
            if owner is not None:
                del owner.children[parent.word]

    def _settle_root(self) -> None:
        extents = [node.extent for node in self.document.root.children.values()]
        if extents:
            self.document.root.extent = Span(extents[0].start, max(extent.end for extent in extents))

    def _foreign_comment(self, at: int, comment: str) -> int:
        end = at + len(comment.rstrip())
        text = comment[2:-2] if comment.startswith("/*") else comment[2:]
        if not read_footer_line(self.document, text.strip()):
            self._defect("SYN005", "set commands have no such comment; write # instead", at, end)
        return self._next_line(end) if self.text[end:].lstrip(" \t\r")[:1] in ("", "\n") else end

    def _skip(self, at: int) -> int:
        after = self._next_line(at)
        line = self.text[at:after]
        if words := line.strip():
            start = at + line.index(words)
            message = f"no set command; {_EXPECTED}; the line was skipped"
            self._defect("SYN004", message, start, start + len(words))
        return after

    def _next_line(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def _defect(self, code: str, message: str, start: int, end: int) -> None:
        self.document.defects.append(Defect(code, message, Span(start, end)))
