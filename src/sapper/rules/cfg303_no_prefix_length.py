"""CFG303: an interface address without prefix length.

The model finds it where it has to assume something; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.relay import from_assumptions
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BAD = """\
set interfaces dummy dum0 address 10.10.0.1
"""

_GOOD = """\
set interfaces dummy dum0 address 10.10.0.1/32
"""

RULE = Rule(
    code="CFG303",
    title="an interface address without prefix length",
    severity="error",
    why=(
        "VyOS refuses it: the length says which network is behind the interface. sapper goes on with the "
        "address alone (/32 or /128)."
    ),
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_assumptions(subject, RULE)
