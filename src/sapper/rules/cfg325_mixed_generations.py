"""CFG325: words that no release knows together.

The upgrade reads each word by itself, so nothing is lost; but what the text meant by what it left out is a guess.
The tables of words are the reader's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.config.generation import IPSEC_FROM_1_4, UNTIL_1_2, UNTIL_1_3
from sapper.config.tree import Node, Span
from sapper.model.branch import first_span
from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG325",
    title="words of different generations",
    severity="info",
    why=(
        "No release of VyOS knows all the words of this text, so none can load it as it stands. sapper reads the "
        "older words as their newer ones."
    ),
    bad=instead(TUNNEL, "source-address", "local-ip"),
    good=instead(instead(TUNNEL, "source-address", "local-ip"), "remote", "remote-ip"),
)

_TUNNEL = ("interfaces", "tunnel", "*")
_FROM_1_3 = ((*_TUNNEL, "source-address"), (*_TUNNEL, "remote"), (*_TUNNEL, "source-interface"))

Pattern = tuple[str, ...]


class _Spot(NamedTuple):
    """One word that tells a generation; ``release`` is the last or the first one that has it."""

    word: str
    path: str
    span: Span
    release: str


def find(subject: Subject) -> Iterator[Finding]:
    root = subject.document.root
    oldest = next(_spots(root, UNTIL_1_2, "1.2"), None)
    since_1_4 = next(_spots(root, IPSEC_FROM_1_4, "1.4"), None)
    if oldest is not None:
        yield from _clash(subject, oldest, next(_spots(root, _FROM_1_3, "1.3"), since_1_4))
    else:
        yield from _clash(subject, next(_spots(root, UNTIL_1_3, "1.3"), None), since_1_4)


def _clash(subject: Subject, older: _Spot | None, newer: _Spot | None) -> Iterator[Finding]:
    """One finding, at the word that came later."""
    if older is not None and newer is not None:
        message = (
            f"`{newer.word}` is a word of {newer.release} and later, `{older.word}` at "
            f"{subject.line_column(older.span)} one of {older.release} and before: no release of VyOS takes both"
        )
        yield RULE.finding(message, newer.path, newer.span)


def _spots(root: Node, patterns: tuple[Pattern, ...], release: str) -> Iterator[_Spot]:
    """The places of the patterns' last fixed words, in the order of the patterns."""
    for pattern in patterns:
        depth = max(index for index, word in enumerate(pattern) if word != "*") + 1
        for path in _matches(root, pattern):
            owner = root.find(*path[:depth])
            if owner is not None:
                yield _Spot(owner.word, " ".join(path[:depth]), first_span(owner), release)


def _matches(root: Node, pattern: Pattern) -> list[Pattern]:
    """The paths that the pattern describes, ``*`` standing for any word."""
    level: list[tuple[Pattern, Node]] = [((), root)]
    for word in pattern:
        level = [
            ((*path, child.word), child)
            for path, node in level
            for child in node.children.values()
            if word in ("*", child.word)
        ]
    return [path for path, _ in level]
