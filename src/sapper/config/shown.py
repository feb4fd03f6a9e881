"""A word of a configuration as a message shows it: on one line, and not endless."""

from __future__ import annotations

from itertools import pairwise

_LONGEST = 60
# What stands behind one of these is a secret, whatever shape a slip of the pen gives the line.
_SECRET_NAMES = frozenset(
    {
        "cisco-authentication",
        "encrypted-password",
        "key",
        "passphrase",
        "password",
        "plaintext-password",
        "pre-shared-secret",
        "preshared-key",
        "private-key",
        "secret",
    }
)


def headers_shown(headers: list[tuple[str, ...]]) -> list[str]:
    """Nested blocks' words as :func:`shown`, outermost first, without what could be a secret by the word before it."""
    before = ""
    lines: list[str] = []
    for words in headers:
        lines.append(
            shown(*("***" if name in _SECRET_NAMES else word for name, word in pairwise((before, *words))))
        )
        before = words[-1] if words else before
    return lines


def shown(*words: str) -> str:
    """The words with their white space made blanks; the middle is left out of what is too long."""
    text = " ".join(" ".join(word.split()) or "''" for word in words)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 3 :]}"
