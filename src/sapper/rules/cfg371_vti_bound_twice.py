"""CFG371: two peers bind one VTI."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Span
from sapper.rules.example import PEER, instead, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import is_old, peers, refused_when
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_EAST = without(instead(PEER, "mode transport", "mode tunnel"), "tunnel 1")
_SECOND = "".join(line for line in _EAST.splitlines(keepends=True) if "peer west" in line)
_BOTH = (
    _EAST
    + _SECOND.replace("peer west", "peer north").replace("203.0.113.20", "203.0.113.21")
    + "set vpn ipsec authentication psk west id 203.0.113.21\n"
    + "set interfaces vti vti0 address 10.0.0.1/30\n"
    + "set vpn ipsec site-to-site peer west vti bind vti0\n"
)

RULE = Rule(
    code="CFG371",
    title="a VTI that two peers bind",
    severity="warning",
    why=(
        "VyOS refuses it until 1.3. Since 1.4 it takes it and gives both connections the same interface ID and the "
        "same selectors: the kernel keeps one policy, and packets for one peer may go to the other."
    ),
    bad=_BOTH + "set vpn ipsec site-to-site peer north vti bind vti0\n",
    good=_BOTH
    + "set vpn ipsec site-to-site peer north vti bind vti1\nset interfaces vti vti1 address 10.0.0.5/30\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    severity, does = refused_when(old)
    bound: dict[str, Span] = {}
    for peer in peers(subject):
        value = peer.in_force("vti", "bind")
        if value is None or (peer.has("disable") and not old):
            continue
        if value.word in bound:
            rest = "" if old else ", and the two share one policy"
            first = subject.line_column(bound[value.word])
            message = f"{value.word} is bound at {first} too: {does}{rest}"
            yield RULE.finding(message, f"{peer.where} vti bind", value.span, severity=severity)
        bound.setdefault(value.word, value.span)
