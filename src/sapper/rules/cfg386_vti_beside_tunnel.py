"""CFG386: a peer with both a vti and tunnels."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER, instead
from sapper.rules.finding import Finding, Severity
from sapper.rules.ipsec_tree import is_old, peers, rendered_tunnels
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_WEST = "set vpn ipsec site-to-site peer west"
_BIND = f"{_WEST} vti bind vti0\nset interfaces vti vti0 address 10.0.0.1/30\n"
_TUNNEL = instead(PEER, "mode transport", "mode tunnel").replace(" tunnel 1 protocol gre", "")

RULE = Rule(
    code="CFG386",
    title="a vti beside tunnels",
    severity="info",
    why=(
        "VyOS refuses it until 1.3. Since 1.4 it renders the tunnels only, each through the VTI: there is no child "
        "that takes everything, so what no tunnel selects is dropped by the interface, and the esp-group of the vti "
        "is ignored. Where every tunnel is disabled the peer has no child at all."
    ),
    bad=_TUNNEL
    + _BIND
    + f"{_WEST} tunnel 1 local prefix 10.1.0.0/24\n{_WEST} tunnel 1 remote prefix 10.2.0.0/24\n",
    good=_TUNNEL + _BIND,
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    for peer in peers(subject):
        vti = peer.below("vti")
        if vti is None or not vti.texts("bind") or not peer.has("tunnel"):
            continue
        if old:
            message = "a peer has either tunnels or a vti: VyOS refuses both"
            yield RULE.finding(message, vti.where, first_span(vti.node), severity="error")
        elif not peer.has("disable"):
            yield from _rendered(peer, vti)


def _rendered(peer: Branch, vti: Branch) -> Iterator[Finding]:
    severity: Severity = "info"
    message = "VyOS renders the tunnels only: this VTI takes what they select and drops the rest"
    if next(rendered_tunnels(peer), None) is None:
        severity = "warning"
        message = "every tunnel is disabled: VyOS renders no child for this VTI, and nothing goes through it"
    yield RULE.finding(message, vti.where, first_span(vti.node), severity=severity)
    group = vti.in_force("esp-group")
    if group is not None:
        message = f"VyOS ignores esp-group {group.word} of a vti beside tunnels, which have their own"
        yield RULE.finding(message, f"{vti.where} esp-group", group.span, severity="warning")
