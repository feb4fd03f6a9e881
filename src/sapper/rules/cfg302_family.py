"""CFG302: an encapsulation of the other family than its ends.

The model finds it where it has to assume something; this file gives it its code, severity and page.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.relay import from_assumptions
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BAD = """\
set interfaces tunnel tun0 address 2001:db8:bb::1/64
set interfaces tunnel tun0 encapsulation ipip
set interfaces tunnel tun0 remote 2001:db8:aa::2
set interfaces tunnel tun0 source-address 2001:db8:aa::1
"""

_GOOD = """\
set interfaces tunnel tun0 address 2001:db8:bb::1/64
set interfaces tunnel tun0 encapsulation ip6ip6
set interfaces tunnel tun0 remote 2001:db8:aa::2
set interfaces tunnel tun0 source-address 2001:db8:aa::1
"""

RULE = Rule(
    code="CFG302",
    title="an encapsulation of the other family than its ends",
    severity="error",
    why=(
        "Each encapsulation has an outer header of one family, and VyOS refuses ends of the other. ipip "
        "is IPv4 in IPv4: over IPv6 the same thing is called ipip6 or ip6ip6, by what is inside."
    ),
    bad=_BAD,
    good=_GOOD,
)


def find(subject: Subject) -> Iterator[Finding]:
    yield from from_assumptions(subject, RULE)
