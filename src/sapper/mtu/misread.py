"""What is wrong with a stack, as an exception with a place: the one line that the user gets.

A message says what is wrong (which layer, under what), and what would fit. Columns count from 1 in the text of the
stack; 0 means that the whole text is meant.
"""

from __future__ import annotations

from collections.abc import Iterable


class WrongStack(ValueError):
    """The stack cannot be built. ``column`` is where in its text; ``message`` says what is wrong and what fits."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.column = column

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}" if self.column else self.message


class WrongOption(ValueError):
    """An option of a layer is wrong. ``option`` is its text, so that the reader can find its column."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option
        self.message = message


class NoRoom(ValueError):
    """The link is too small for the headers. ``smallest`` is the least link MTU that carries a packet, in bytes."""

    def __init__(self, link: int, smallest: int) -> None:
        super().__init__(
            f"a link of {link} bytes has no room for these headers; the smallest that fits is {smallest}"
        )
        self.link = link
        self.smallest = smallest


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'gre'?``, or nothing where no known word is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
