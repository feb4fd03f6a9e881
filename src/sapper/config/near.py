"""The known word that a mistyped one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_CLOSE = 0.65


def near(word: str, known: Iterable[str]) -> str | None:
    """The closest known word, or None if none is close: two letters swapped in three are."""
    matches = get_close_matches(word[:64], list(known), n=1, cutoff=_CLOSE)
    return matches[0] if matches else None
