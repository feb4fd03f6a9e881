"""CFG310: a bridge group without the word bridge.

The upgrade of older words finds it; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.relay import from_notes
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BAD = """\
set interfaces bridge br0
set interfaces ethernet eth1 bridge-group br0
"""

_GOOD = """\
set interfaces bridge br0
set interfaces ethernet eth1 bridge-group bridge br0
"""

RULE = Rule(
    code="CFG310",
    title="a bridge group without the word bridge",
    severity="error",
    why=(
        "The old syntax is `bridge-group bridge br0`. VyOS refuses `bridge-group br0`; sapper reads it as "
        "the membership that is meant."
    ),
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_notes(subject, RULE)
