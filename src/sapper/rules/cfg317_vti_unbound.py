"""CFG317: a VTI that no peer binds."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_VTI = PEER + "set interfaces vti vti0 address 10.0.0.1/30\n"

RULE = Rule(
    code="CFG317",
    title="a VTI that no peer binds",
    severity="warning",
    why=(
        "VyOS takes it and never raises the interface, so its addresses and routes are never active; the upgrade "
        "to 1.4 deletes it silently."
    ),
    bad=_VTI,
    good=_VTI + "set vpn ipsec site-to-site peer west vti bind vti0\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    bound: set[str] = set()
    for peer in subject.top.each("vpn", "ipsec", "site-to-site", "peer"):
        bound.update(value.word for value in peer.texts("vti", "bind"))
    for vti in subject.top.each("interfaces", "vti"):
        if vti.name not in bound:
            message = f"no peer binds {vti.name}: VyOS never raises it, and nothing goes through it"
            yield RULE.finding(message, vti.where, first_span(vti.node))
