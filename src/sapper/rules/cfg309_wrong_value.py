"""CFG309: a value of the wrong type or out of range.

The validation against the schema finds it; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.relay import from_problems
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG309",
    title="a value of the wrong type or out of range",
    severity="error",
    why=(
        "VyOS refuses the value when it is set. sapper leaves it out and goes on with the default, if there is one."
    ),
    bad=TUNNEL + "set interfaces tunnel tun0 mtu 99999\n",
    good=TUNNEL + "set interfaces tunnel tun0 mtu 1400\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_problems(subject, RULE, "wrong-value", "missing-value")
