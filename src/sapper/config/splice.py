"""Pieces of a text to replace, and the text with them replaced: everything else stays byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sapper.config.source import Span

_BLANKS = " \t\r"


class Splice(NamedTuple):
    """``text`` instead of what stands from ``start`` to ``end``; offsets are those of the text before any change."""

    start: int
    end: int
    text: str = ""


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with all of them done. What is taken out twice is taken out once; an insertion there is kept."""
    parts: list[str] = []
    at = 0
    for start, end, new in sorted(set(splices)):
        parts += (text[at : max(at, start)], new)
        at = max(at, end)
    parts.append(text[at:])
    return "".join(parts)


def whole_lines(text: str, span: Span) -> Splice:
    """Take out the span, with its lines if nothing else stands on them."""
    start, end = line_start(text, span.start), span.end
    while end < len(text) and text[end] in _BLANKS:
        end += 1
    alone = not text[start : span.start].strip(_BLANKS + "\ufeff") and text[end : end + 1] in ("\n", "")
    if not alone:
        return Splice(*span)
    if start == 0 and text.startswith("\ufeff"):
        start = 1
    return Splice(start, min(end + 1, len(text)))


def line_start(text: str, at: int) -> int:
    """Where the line of that offset starts."""
    return text.rfind("\n", 0, at) + 1


def indentation(text: str, at: int) -> str:
    """The blanks at the start of the line of that offset."""
    start = line_start(text, at)
    if start == 0 and text.startswith("\ufeff"):
        start = 1
    end = start
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[start:end]


def new_line(text: str) -> str:
    """The line break that the text uses."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def insert_line(text: str, at: int, lines: str) -> Splice:
    """Put ``lines`` (each ended by a newline) behind the line of that offset."""
    lines = lines.replace("\n", new_line(text))
    end = text.find("\n", at)
    if end >= 0:
        return Splice(end + 1, end + 1, lines)
    missing = new_line(text) if text and not text.endswith("\n") else ""
    return Splice(len(text), len(text), missing + lines)
