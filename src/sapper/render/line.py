"""Text for people as lines of pieces, each with a role; whoever prints decides what a role looks like.

So a report is laid out once, and is the same with and without colour. Control characters become visible escapes:
a configuration must not be able to steer the terminal of whoever checks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Role = Literal["plain", "title", "faint", "good", "bad", "doubt", "note"]


class Piece(NamedTuple):
    text: str
    role: Role = "plain"


Line = tuple[Piece, ...]


def line(*pieces: str | Piece) -> Line:
    """One line; plain strings are pieces of role ``plain``."""
    return tuple(piece if isinstance(piece, Piece) else Piece(piece) for piece in pieces)


def visible(text: str) -> str:
    """``text`` with every control and format character written as an escape."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def plain_text(lines: Iterable[Line]) -> str:
    """The lines without roles, each ended by a newline and without blanks at its end."""
    return "".join("".join(visible(piece.text) for piece in pieces).rstrip() + "\n" for pieces in lines)


def aligned(rows: Sequence[Line], gap: str = "  ") -> list[Line]:
    """A table of rows with one piece for each cell: every column as wide as its widest cell."""
    widths: list[int] = []
    for row in rows:
        widths.extend([0] * (len(row) - len(widths)))
        for index, cell in enumerate(row):
            widths[index] = max(widths[index], len(visible(cell.text)))
    return [
        tuple(Piece(visible(cell.text).ljust(widths[index]) + gap, cell.role) for index, cell in enumerate(row))
        for row in rows
    ]
