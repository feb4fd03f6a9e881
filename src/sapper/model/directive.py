"""sapper's own words in the comments of a configuration: ``sapper: ignore CODE reason``, ``protect``, ``trusted``.

A comment belongs to a node, and so does what it says. ``ignore`` waives findings at that node and below it,
``protect`` without a network stands at a tunnel, with networks anywhere, ``trusted`` at an interface. What is not
understood is kept as :class:`Misunderstood`, for a finding: a waiver that silently does nothing would be worse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import msgspec

from sapper.address import Prefix
from sapper.config.tree import Document, Span
from sapper.model.stated import Stated

_MARK = re.compile(r"\bsapper:[ \t]*([^\n;]*)")
_CODE = re.compile(r"[A-Z]{2,4}[0-9]{3}")
EXPECTED = "expected ignore CODE reason, protect, protect NETWORK… or trusted"


class Ignore(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of that code at ``path`` and below it (empty: anywhere) are waived, for that reason.

    ``span`` is where the waiver is written, ``node`` the word that its comment belongs to, if it is in a comment.
    """

    code: str
    reason: str
    path: tuple[str, ...] = ()
    span: Span = Span(0, 0)
    node: Span | None = None


class Misunderstood(msgspec.Struct, frozen=True):
    """A comment that speaks to sapper in words that it does not know."""

    message: str
    path: tuple[str, ...]
    span: Span


class Directives(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the comments of one text say."""

    ignores: tuple[Ignore, ...] = ()
    stated: Stated = Stated()
    misunderstood: tuple[Misunderstood, ...] = ()


class _Collected:
    def __init__(self) -> None:
        self.ignores: list[Ignore] = []
        self.stated = Stated()
        self.misunderstood: list[Misunderstood] = []


def directives_of(document: Document) -> Directives:
    """What the comments of that text say to sapper. Cheap where none does: no node is made."""
    spoken = {id(node): span for node, span in document.remarks if "sapper:" in (node.comment or "")}
    if not spoken:
        return Directives()
    found = _Collected()
    for path, node in document.root.walk():
        if id(node) in spoken:
            for words in _MARK.findall(node.comment or ""):
                _understand(words.split(), path, Spans(spoken[id(node)], node.span), found)
    return Directives(ignores=tuple(found.ignores), stated=found.stated, misunderstood=tuple(found.misunderstood))


class Spans(NamedTuple):
    """Where a comment stands, and where the word that it belongs to."""

    comment: Span
    node: Span


def _understand(words: list[str], path: tuple[str, ...], at: Spans, found: _Collected) -> None:
    try:
        if words[:1] == ["ignore"]:
            code, reason = waiver_words(words[1:])
            found.ignores.append(Ignore(code=code, reason=reason, path=path, span=at.comment, node=at.node))
        elif words[:1] == ["protect"]:
            found.stated = found.stated.with_more(_protect(words[1:], path))
        elif words == ["trusted"]:
            found.stated = found.stated.with_more(Stated(trusted=(_interface(path, "trusted"),)))
        else:
            raise ValueError(f"{' '.join(words) or 'nothing'!r} is no word to sapper; {EXPECTED}")
    except ValueError as error:
        found.misunderstood.append(Misunderstood(str(error), path, at.comment))


def waiver_words(words: list[str]) -> tuple[str, str]:
    """The code and the reason of a waiver. Raises ValueError with one line."""
    if not words or not _CODE.fullmatch(words[0]):
        shown = repr(words[0]) if words else "nothing"
        raise ValueError(f"{shown} is no code of a finding; expected ignore CODE reason, such as ignore MTU202 why")
    if len(words) < 2:
        raise ValueError(
            f"a waiver of {words[0]} without a reason waives nothing; expected ignore {words[0]} reason"
        )
    return words[0], " ".join(words[1:])


def _protect(words: list[str], path: tuple[str, ...]) -> Stated:
    if not words:
        return Stated(tunnels=(_interface(path, "protect"),))
    return Stated(protect=tuple(_networks(words)))


def _networks(words: list[str]) -> Iterator[Prefix]:
    for word in words:
        try:
            yield Prefix.parse(word.strip(","))
        except ValueError:
            raise ValueError(f"{word!r} is no network; expected protect and networks such as 10.1.0.0/16") from None


def _interface(path: tuple[str, ...], word: str) -> str:
    """The interface whose node carries the comment, or stands above it."""
    if len(path) < 3 or path[0] != "interfaces":
        raise ValueError(
            f"{word} says it of an interface; expected the comment at one, such as interfaces TYPE NAME"
        )
    name = path[2]
    for above, number in pairwise(path[3:]):
        if above in ("vif", "vif-s", "vif-c"):
            name += f".{number}"
    return name
