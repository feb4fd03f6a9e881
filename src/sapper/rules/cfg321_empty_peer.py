"""CFG321: a peer with neither a tunnel nor a VTI."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG321",
    title="a peer without tunnel and VTI",
    severity="error",
    why="VyOS refuses the commit: a peer protects nothing unless it has a tunnel or binds a VTI.",
    bad=without(PEER, "tunnel 1"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    for peer in subject.top.each("vpn", "ipsec", "site-to-site", "peer"):
        if not peer.has("tunnel") and not peer.has("vti"):
            message = "this peer has neither tunnel nor vti, so nothing is protected: VyOS refuses it"
            yield RULE.finding(message, peer.where, first_span(peer.node))
