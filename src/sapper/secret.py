"""A secret that cannot be printed by accident: pre-shared keys and private keys travel as this type."""

from __future__ import annotations


class Secret:
    """Holds a secret text. Every rendering of it is ``***``; only :meth:`reveal` gives it out."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the one place that must hand it to the IKE daemon."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "Secret(***)"
