"""CFG360: a peer without a remote address, which may then be anybody.

Until 1.3 the name of a peer is its address, so only newer texts can lack it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding, Fix
from sapper.rules.ipsec_tree import peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG360",
    title="a peer without remote address",
    severity="warning",
    why=(
        "VyOS prints a notice and goes on with any: whoever authenticates is taken, this end never calls, and "
        "there is no address to install a trap policy for."
    ),
    bad=without(PEER, "remote-address"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    for peer in peers(subject):
        if not peer.texts("remote-address"):
            message = "this peer has no remote-address: VyOS only prints a notice and takes anybody"
            fix = Fix("say that it may be anybody", (f"set {peer.where} remote-address any",))
            yield RULE.finding(message, peer.where, first_span(peer.node), fixes=(fix,))
