"""CFG323: a peer with a pre-shared key, and no key for it anywhere.

A peer that says nothing of its authentication is CFG306's business.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding, Severity
from sapper.rules.ipsec_tree import is_old
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG323",
    title="a peer without its pre-shared key",
    severity="warning",
    why=(
        "VyOS takes it and never notices: keys are found by identities when the peer answers, and without one the "
        "tunnel never comes up. Until 1.3 the key stands at the peer, and VyOS refuses a peer without it."
    ),
    bad=without(PEER, "psk"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    without_key = {peer.name for peer in subject.router.peers if peer.authentication.secret is None}
    for branch in subject.top.each("vpn", "ipsec", "site-to-site", "peer"):
        mode = branch.in_force("authentication", "mode")
        if mode is not None and mode.word == "pre-shared-secret" and branch.name in without_key:
            message = "no pre-shared key has an identity of this peer: VyOS takes it, the tunnel never comes up"
            if old:
                message = "this peer has no pre-shared-secret: VyOS refuses it"
            severity: Severity = "error" if old else "warning"
            yield RULE.finding(message, branch.where, first_span(branch.node), severity=severity)
