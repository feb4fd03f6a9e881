"""CFG366: a peer's vti without bind."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER, instead, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import is_old, peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_ESP = "set vpn ipsec site-to-site peer west vti esp-group ESP\n"
_VTI = instead(without(PEER, "tunnel 1"), "mode transport", "mode tunnel") + _ESP

RULE = Rule(
    code="CFG366",
    title="a vti without bind",
    severity="warning",
    why=(
        "VyOS refuses it until 1.3. Since 1.4 it takes it, because the peer has a vti, and renders nothing of it: "
        "without a tunnel the peer has no child SA, and everything goes in clear."
    ),
    bad=_VTI,
    good=_VTI + "set vpn ipsec site-to-site peer west vti bind vti0\nset interfaces vti vti0 mtu 1400\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    for peer in peers(subject):
        vti = peer.below("vti")
        if vti is None or vti.texts("bind"):
            continue
        if old:
            message = "this vti has no bind: VyOS refuses it"
            yield RULE.finding(message, vti.where, first_span(vti.node), severity="error")
        else:
            rest = "" if peer.has("tunnel") else "; this peer protects nothing"
            message = f"this vti has no bind: VyOS takes it and renders nothing of it{rest}"
            yield RULE.finding(message, vti.where, first_span(vti.node))
