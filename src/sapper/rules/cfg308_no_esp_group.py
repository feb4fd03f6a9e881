"""CFG308: a peer without ESP group.

The model finds it where it has to assume something; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding
from sapper.rules.relay import from_assumptions
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG308",
    title="a peer without ESP group",
    severity="error",
    why=(
        "VyOS refuses the commit: every tunnel needs an ESP group of its own or of the peer. sapper goes "
        "on with the defaults that an empty group has, and their mode is tunnel."
    ),
    bad=without(PEER, "default-esp-group"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_assumptions(subject, RULE)
