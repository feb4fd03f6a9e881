"""A word of a configuration as a message shows it: on one line, and not endless."""

from __future__ import annotations

_LONGEST = 60


def shown(*words: str) -> str:
    """The words with their white space made blanks; the middle is left out of what is too long."""
    text = " ".join(" ".join(word.split()) or "''" for word in words)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 3 :]}"
