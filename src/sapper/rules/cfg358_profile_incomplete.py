"""CFG358: an IPsec profile (DMVPN) without authentication.

That it lacks a group is told as of a peer (CFG307, CFG308), and that one is not defined likewise (CFG322).
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

PROFILE = (
    without(without(PEER, "psk"), "site-to-site")
    + """\
set interfaces tunnel tun0 address 10.0.0.1/24
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 source-address 192.0.2.10
set vpn ipsec profile HUB authentication mode pre-shared-secret
set vpn ipsec profile HUB authentication pre-shared-secret example
set vpn ipsec profile HUB bind tunnel tun0
set vpn ipsec profile HUB esp-group ESP
set vpn ipsec profile HUB ike-group IKE
"""
)

RULE = Rule(
    code="CFG358",
    title="an IPsec profile without authentication",
    severity="error",
    why="VyOS refuses the commit: a profile needs authentication, whether a tunnel is bound to it or not.",
    bad=without(PROFILE, "HUB authentication"),
    good=PROFILE,
)


def find(subject: Subject) -> Iterator[Finding]:
    for profile in subject.top.each(*IPSEC, "profile"):
        if not profile.has("authentication"):
            message = "this profile has no authentication: VyOS refuses it"
            yield RULE.finding(message, profile.where, first_span(profile.node))
