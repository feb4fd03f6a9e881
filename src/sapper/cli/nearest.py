"""The nearest known word to a mistyped one, as the tail of an error message. Imported only when there is an error."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'check'?``, or nothing where no word is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
