"""SYN003: a closing brace that closes nothing.

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
        address 10.10.0.1/32
    }
}
}
"""

_GOOD = """\
interfaces {
    dummy dum0 {
        address 10.10.0.1/32
    }
}
"""

RULE = Rule(
    code="SYN003",
    title="a closing brace that closes nothing",
    severity="error",
    why="VyOS refuses to load a file whose braces do not match. sapper skips the brace.",
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_defects(subject, RULE)
