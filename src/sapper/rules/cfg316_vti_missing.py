"""CFG316: a peer binds a VTI that is not configured."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER
from sapper.rules.finding import Finding, Fix
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BIND = PEER + "set vpn ipsec site-to-site peer west vti bind vti0\n"

RULE = Rule(
    code="CFG316",
    title="a bound VTI that is not configured",
    severity="error",
    why="VyOS refuses the commit: the VTI must be there before the peer that binds it.",
    bad=_BIND,
    good=_BIND + "set interfaces vti vti0 address 10.0.0.1/30\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    configured = {vti.name for vti in subject.router.vtis}
    for peer in subject.top.each("vpn", "ipsec", "site-to-site", "peer"):
        bound = peer.in_force("vti", "bind")
        if bound is not None and bound.word not in configured:
            message = f"{bound.word} is bound here and configured nowhere: VyOS refuses it"
            fix = Fix("configure the interface", (f"set interfaces vti {bound.word}",))
            yield RULE.finding(message, f"{peer.where} vti bind", bound.span, fixes=(fix,))
