"""SYN006: several values on one line.

The reader finds it; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.relay import from_defects
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BAD = """\
interfaces {
    dummy dum0 {
        address 10.10.0.1/32 10.10.0.2/32
    }
}
"""

_GOOD = """\
interfaces {
    dummy dum0 {
        address 10.10.0.1/32
        address 10.10.0.2/32
    }
}
"""

RULE = Rule(
    code="SYN006",
    title="several values on one line",
    severity="error",
    why=(
        "A saved configuration has one value to a line; VyOS refuses to load a third word. A value with "
        "blanks in it needs quotes."
    ),
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_defects(subject, RULE)
