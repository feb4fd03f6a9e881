"""CFG311: a word that VyOS does not know.

The validation against the schema finds it; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import TUNNEL, instead
from sapper.rules.finding import Finding
from sapper.rules.relay import from_problems
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG311",
    title="a word that VyOS does not know",
    severity="error",
    why=("VyOS refuses the line. sapper leaves it out, so whatever it was meant to configure is in no verdict."),
    bad=instead(TUNNEL, "encapsulation", "encapsulatoin"),
    good=TUNNEL,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_problems(subject, RULE, "unknown-word")
