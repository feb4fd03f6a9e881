"""CFG307: a peer without IKE group.

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
    code="CFG307",
    title="a peer without IKE group",
    severity="error",
    why=(
        "VyOS refuses the commit: the IKE group is mandatory, for a profile too. sapper goes on with the defaults that an "
        "empty group has."
    ),
    bad=without(PEER, "ike-group IKE"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_assumptions(subject, RULE)
