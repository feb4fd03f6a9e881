"""Where a quoted string ends, and what it says.

A quoted value may span lines, so a forgotten quote would swallow text up to the next one. A quote that is not
closed on its own line therefore counts as closed only where the closing quote is followed by white space, a brace
or the end of the text; otherwise the string ends with its line and the caller reports it. Places that were tried
in vain are remembered, which keeps reading linear in the length of the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_CLOSED_BEFORE = frozenset(" \t\r\n{}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BRACES_ESCAPES = {"\\": "\\", "/": "/", '"': '"', "'": "'", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SHELL_ESCAPED = frozenset('\\"$`')
_PLAIN = {'"': re.compile(r'[^"]*+"'), "'": re.compile(r"[^']*+'")}
_ESCAPING = {
    '"': re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL),
    "'": re.compile(r"[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL),
}


class Quoted(NamedTuple):
    """A string's value and where it ends; ``closed`` is False if its quote is missing."""

    value: str
    end: int
    closed: bool


class Quotes:
    """The quoted strings of one text."""

    __slots__ = ("_text", "_vain")

    def __init__(self, text: str) -> None:
        self._text = text
        self._vain: dict[re.Pattern[str], int] = {}

    def shell(self, at: int) -> Quoted:
        """As a shell reads it: nothing is special between single quotes, a backslash is between double ones."""
        quote = self._text[at]
        end = self._closing(_PLAIN[quote] if quote == "'" else _ESCAPING[quote], at)
        if end is None:
            return self._to_line_end(at)
        inner = self._text[at + 1 : end - 1]
        if quote == '"' and "\\" in inner:
            inner = _ESCAPE.sub(_shell_unescape, inner)
        return Quoted(inner, end, True)

    def braces(self, at: int) -> Quoted:
        """As the saved file has it: backslashes are literal in a string that ends its line, else they escape."""
        quote = self._text[at]
        end = self._closing(_PLAIN[quote], at)
        if end is not None and (self._ends_line(end) or "\\" not in self._text[at:end]):
            return Quoted(self._text[at + 1 : end - 1], end, True)
        end = self._closing(_ESCAPING[quote], at)
        if end is None:
            return self._to_line_end(at)
        inner = self._text[at + 1 : end - 1]
        return Quoted(_ESCAPE.sub(_braces_unescape, inner), end, True)

    def _closing(self, pattern: re.Pattern[str], at: int) -> int | None:
        """The offset behind the closing quote of the string that opens at ``at``."""
        text = self._text
        if at < self._vain.get(pattern, 0):
            found = pattern.match(text, at + 1, self._line_end(at))
            return found.end() if found else None
        found = pattern.match(text, at + 1)
        if found is None:
            self._vain[pattern] = len(text)
            return None
        end = found.end()
        if end < len(text) and text[end] not in _CLOSED_BEFORE and text.find("\n", at, end) >= 0:
            self._vain[pattern] = end
            return None
        return end

    def _to_line_end(self, at: int) -> Quoted:
        end = self._line_end(at)
        value = self._text[at + 1 : end].rstrip(" \t\r")
        return Quoted(value, at + 1 + len(value), False)

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end

    def _ends_line(self, at: int) -> bool:
        text = self._text
        while at < len(text) and text[at] in " \t\r":
            at += 1
        return at >= len(text) or text[at] == "\n"


def _shell_unescape(found: re.Match[str]) -> str:
    escaped = found[1]
    if escaped == "\n":
        return ""
    return escaped if escaped in _SHELL_ESCAPED else found[0]


def _braces_unescape(found: re.Match[str]) -> str:
    return _BRACES_ESCAPES.get(found[1], found[0])
