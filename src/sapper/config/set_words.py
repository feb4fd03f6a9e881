"""Splits one command into words as a shell does: quotes, backslashes, ``#`` comments, continued lines."""

from __future__ import annotations

import re
from typing import NamedTuple

from sapper.config.quotes import Quotes
from sapper.config.source import Defect, Span

_BARE = re.compile(r"[^ \t\r\n'\"\\]+")


class Statement(NamedTuple):
    """A command's words without its verb, and where each was written."""

    words: list[str]
    spans: list[Span]


class Shell:
    """The words of one text's commands; ``defects`` are those of the quotes found so far."""

    __slots__ = ("_quotes", "_text", "defects")

    def __init__(self, text: str) -> None:
        self._text = text
        self._quotes = Quotes(text)
        self.defects: list[Defect] = []

    def split(self, at: int) -> tuple[Statement, int]:
        """The words from ``at`` to the end of the command, and where the line after it starts."""
        text = self._text
        words: list[str] = []
        spans: list[Span] = []
        while at < len(text):
            character = text[at]
            if character in " \t\r":
                at += 1
            elif character == "\n":
                return Statement(words, spans), at + 1
            elif character == "#":
                return Statement(words, spans), next_line(text, at)
            elif character == "\\" and (line_break := self._line_break(at)):
                at = line_break
            else:
                word, end = self._word(at)
                words.append(word)
                spans.append(Span(at, end))
                at = end
        return Statement(words, spans), at

    def _word(self, at: int) -> tuple[str, int]:
        text = self._text
        parts: list[str] = []
        while at < len(text) and text[at] not in " \t\r\n":
            if text[at] in "'\"":
                quoted = self._quotes.shell(at)
                if not quoted.closed:
                    message = "this quote is not closed; the value ends with the line"
                    self.defects.append(Defect("SYN002", message, Span(at, at + 1)))
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
        if self._text.startswith("\n", at + 1):
            return at + 2
        return at + 3 if self._text.startswith("\r\n", at + 1) else None


def next_line(text: str, at: int) -> int:
    """Where the line after that of ``at`` starts."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
