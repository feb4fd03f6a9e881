"""CFG322: an IKE or ESP group that is named and not defined."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sapper.model.branch import Branch
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject
from sapper.schema.nearest import nearest

RULE = Rule(
    code="CFG322",
    title="a group that is not defined",
    severity="error",
    why="VyOS refuses the commit. sapper goes on with the defaults that an empty group has.",
    bad=without(PEER, "ipsec esp-group ESP"),
    good=PEER,
)

_GUESSED_FROM = 100
"""How many names a misspelt one is compared with, so that a large text does not take quadratic time."""


def find(subject: Subject) -> Iterator[Finding]:
    ipsec = subject.top.below("vpn", "ipsec")
    if ipsec is None:
        return
    for peer in ipsec.each("site-to-site", "peer"):
        yield from _named(ipsec, peer, "ike-group", "ike-group")
        yield from _named(ipsec, peer, "esp-group", "default-esp-group")
        yield from _named(ipsec, peer, "esp-group", "vti", "esp-group")
        for tunnel in peer.each("tunnel"):
            yield from _named(ipsec, tunnel, "esp-group", "esp-group")
    for profile in ipsec.each("profile"):
        yield from _named(ipsec, profile, "ike-group", "ike-group")
        yield from _named(ipsec, profile, "esp-group", "esp-group")


def _named(ipsec: Branch, branch: Branch, kind: str, *words: str) -> Iterator[Finding]:
    value = branch.in_force(*words)
    if value is None or ipsec.has(kind, value.word):
        return
    guess = nearest(value.word, [group.name for group in islice(ipsec.each(kind), _GUESSED_FROM)])
    hint = f"; did you mean `{guess}`?" if guess else ""
    message = f"there is no {kind} {value.word}: VyOS refuses it, sapper goes on with the defaults{hint}"
    yield RULE.finding(message, " ".join((*branch.path, *words)), value.span)
