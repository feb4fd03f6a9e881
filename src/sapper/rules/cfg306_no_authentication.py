"""CFG306: a peer without authentication.

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
    code="CFG306",
    title="a peer without authentication",
    severity="error",
    why=(
        "VyOS refuses the commit: the authentication mode is mandatory, except up to 1.3 where a key that "
        "is there is enough. sapper goes on with a pre-shared key."
    ),
    bad=without(PEER, "authentication mode"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_assumptions(subject, RULE)
