"""A text and the places in it: offsets for programs, lines and columns for people.

All positions count characters of the decoded text. Bytes that are not UTF-8 stand in it as lone surrogates, one
each, so that writing the text back gives the same bytes. A byte order mark belongs to the text, but to no column.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import NamedTuple


class Span(NamedTuple):
    """Offsets into the text, in characters: ``start`` inclusive, ``end`` exclusive."""

    start: int
    end: int


class Place(NamedTuple):
    """A position for people: line and column count from 1, offset from 0, all in characters."""

    line: int
    column: int
    offset: int


class Defect(NamedTuple):
    """Something about the text itself that could not be read as it stands; reading went on after it."""

    code: str
    message: str
    span: Span


class UnreadableText(Exception):
    """The text is no configuration in any syntax. ``place`` says where reading ended, ``expected`` what fits."""

    def __init__(self, path: str, place: Place, message: str) -> None:
        super().__init__(f"{path}:{place.line}:{place.column}: {message}")
        self.path = path
        self.place = place
        self.message = message


class Source:
    """A text and its name; turns offsets into lines and columns."""

    __slots__ = ("_line_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._line_starts: array[int] | None = None

    @property
    def line_starts(self) -> array[int]:
        """The offset of each line, the first included, and that of one more behind the last; made when first asked
        for.
        """
        if self._line_starts is None:
            starts = array("Q", [0])
            find, append = self.text.find, starts.append
            at = find("\n") + 1
            while at:
                append(at)
                at = find("\n", at) + 1
            append(len(self.text) + 1)
            self._line_starts = starts
        return self._line_starts

    def place(self, offset: int) -> Place:
        starts = self.line_starts
        line = bisect_right(starts, offset)
        column = offset - starts[line - 1] + 1
        if line == 1 and column > 1 and self.text.startswith("\ufeff"):
            column -= 1
        return Place(line, column, offset)

    def line_end(self, offset: int) -> int:
        """Where the line of that offset ends, its line break excluded."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end


def printable(text: str) -> str:
    """``text`` with bytes that are no UTF-8 written as escapes, so that any encoding can print it."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape" if _only_bytes(text) else "surrogatepass").decode(
        "utf-8", "backslashreplace"
    )


def _only_bytes(text: str) -> bool:
    return all("\udc80" <= character <= "\udcff" for character in text if "\ud800" <= character <= "\udfff")
