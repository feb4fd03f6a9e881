"""SYN005: a comment of the other syntax.

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
    # the far end knows this address
    dummy dum0 {
        address 10.10.0.1/32
    }
}
"""

_GOOD = """\
interfaces {
    /* the far end knows this address */
    dummy dum0 {
        address 10.10.0.1/32
    }
}
"""

RULE = Rule(
    code="SYN005",
    title="a comment of the other syntax",
    severity="info",
    why=(
        "Set commands take comments after #, a saved configuration takes them between /* and */. VyOS "
        "reads the wrong kind as words; sapper reads it as a comment."
    ),
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_defects(subject, RULE)
