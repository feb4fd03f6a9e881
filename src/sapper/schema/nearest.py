"""The known word that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

CLOSE = 0.72
"""Similarity from which a word counts as a slip of another: one wrong letter in four."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The closest known word, or None if none is close."""
    matches = get_close_matches(word[:64], list(known), n=1, cutoff=CLOSE)
    return matches[0] if matches else None
