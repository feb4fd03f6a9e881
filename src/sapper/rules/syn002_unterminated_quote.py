"""SYN002: a quote that is not closed.

The reader finds it; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.relay import from_defects
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BAD = """\
set interfaces dummy dum0 address '10.10.0.1/32
"""

_GOOD = """\
set interfaces dummy dum0 address '10.10.0.1/32'
"""

RULE = Rule(
    code="SYN002",
    title="a quote that is not closed",
    severity="error",
    why=(
        "VyOS refuses to load a text with an open quote, and a shell waits for more. sapper ends the "
        "value with the line."
    ),
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_defects(subject, RULE)
