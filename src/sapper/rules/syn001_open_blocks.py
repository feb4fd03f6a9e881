"""SYN001: blocks left open at the end.

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
"""

_GOOD = """\
interfaces {
    dummy dum0 {
        address 10.10.0.1/32
    }
}
"""

RULE = Rule(
    code="SYN001",
    title="blocks left open at the end",
    severity="error",
    why=(
        "VyOS refuses to load a file whose braces do not match. sapper reads on as if the open blocks "
        "were closed where the text ends, so that a fragment can be judged."
    ),
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_defects(subject, RULE)
