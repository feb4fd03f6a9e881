"""SYN004: text that is no statement.

The reader finds it; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.relay import from_defects
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BAD = """\
set interfaces dummy dum0 address 10.10.0.1/32
sett interfaces dummy dum1 address 10.10.0.2/32
"""

_GOOD = """\
set interfaces dummy dum0 address 10.10.0.1/32
set interfaces dummy dum1 address 10.10.0.2/32
"""

RULE = Rule(
    code="SYN004",
    title="text that is no statement",
    severity="error",
    why="VyOS refuses the line. sapper skips it, so whatever it was meant to configure is in no verdict.",
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_defects(subject, RULE)
