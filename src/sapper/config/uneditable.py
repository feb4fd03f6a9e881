"""A change that cannot be done in a text."""

from __future__ import annotations


class CannotEdit(Exception):
    """``message`` says why the change at ``path`` cannot be done. The path may hold a secret as its last word."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
