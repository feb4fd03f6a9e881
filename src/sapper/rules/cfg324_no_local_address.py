"""CFG324: a peer with neither a local address nor an interface to lease one."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding, Fix
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG324",
    title="a peer without local address",
    severity="error",
    why="VyOS refuses the commit: a peer needs a local-address (it may be any) or a dhcp-interface.",
    bad=without(PEER, "local-address"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    for peer in subject.top.each("vpn", "ipsec", "site-to-site", "peer"):
        if not peer.has("local-address") and not peer.has("dhcp-interface"):
            message = "this peer has no local-address: VyOS refuses it, sapper goes on with any"
            fix = Fix("say that it may be any", (f"set {peer.where} local-address any",))
            yield RULE.finding(message, peer.where, first_span(peer.node), fixes=(fix,))
