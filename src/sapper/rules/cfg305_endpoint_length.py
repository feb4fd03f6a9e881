"""CFG305: an endpoint with a prefix length.

The upgrade of older words finds it; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.relay import from_notes
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BAD = """\
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 local-ip 192.0.2.10/32
set interfaces tunnel tun0 remote-ip 203.0.113.20/32
"""

_GOOD = """\
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 local-ip 192.0.2.10
set interfaces tunnel tun0 remote-ip 203.0.113.20
"""

RULE = Rule(
    code="CFG305",
    title="an endpoint with a prefix length",
    severity="error",
    why=(
        "The ends of a tunnel are addresses. No release of VyOS takes a prefix length there, and the "
        "upgrade does not strip it; sapper reads the address alone."
    ),
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_notes(subject, RULE)
