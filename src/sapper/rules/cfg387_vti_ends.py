"""CFG387: a VTI that cannot carry what is routed to it: in transport mode, or until 1.3 without two known ends."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER, instead, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import ANYBODY, esp_mode, is_old, may_be_anybody, peers, refused_when
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BIND = (
    without(PEER, "tunnel 1")
    + "set vpn ipsec site-to-site peer west vti bind vti0\nset interfaces vti vti0 address 10.0.0.1/30\n"
)

RULE = Rule(
    code="CFG387",
    title="a VTI in transport mode or without known ends",
    severity="warning",
    why=(
        "Transport mode adds no outer header, so only packets between the two peers themselves could pass. VyOS "
        "refuses it until 1.3 and does not look since 1.4. Until 1.3 a VTI is a link between two addresses: it "
        "needs a local-address that is not any, and a peer that is neither any nor an @id. An xfrm interface, "
        "which a VTI is since, needs neither."
    ),
    bad=_BIND,
    good=instead(_BIND, "mode transport", "mode tunnel"),
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    severity, does = refused_when(old)
    for peer in peers(subject):
        vti = peer.below("vti")
        if vti is None or not vti.texts("bind"):
            continue
        if not peer.has("tunnel") and esp_mode(subject, peer, vti) == "transport":
            rest = "" if old else ", and only packets between the two peers could use it"
            message = f"this VTI is in transport mode: {does}{rest}"
            yield RULE.finding(message, vti.where, first_span(vti.node), severity=severity)
        if old:
            yield from _ends(peer, vti)


def _ends(peer: Branch, vti: Branch) -> Iterator[Finding]:
    local = peer.in_force("local-address")
    unknown = "the peer has no address of its own" if may_be_anybody(peer) else None
    if local is None or local.word in ANYBODY:
        unknown = "this end has no local-address that is not any"
    if unknown:
        message = f"a VTI needs two known ends, and {unknown}: VyOS refuses it"
        yield RULE.finding(message, vti.where, first_span(vti.node), severity="error")
