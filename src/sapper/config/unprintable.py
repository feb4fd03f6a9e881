"""What a syntax cannot carry."""

from __future__ import annotations


class UnprintableWord(Exception):
    """The word at the end of ``path`` cannot be written in the syntax asked for; ``message`` says why.

    The path may hold a secret as its last word; the message never repeats a word.
    """

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
