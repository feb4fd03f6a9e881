"""CFG380: a connection-type that has no effect, because there is nobody to call or because of the peer's name.

Until 1.3 ``peer @id``, ``peer any`` and ``peer 0.0.0.0`` are loaded passively whatever they say. Since 1.4 a name
that starts with ``@`` is, and charon refuses a trap to any in tunnel mode ("remote address unknown").
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER, instead, without
from sapper.rules.finding import Finding, Severity
from sapper.rules.ipsec_tree import ANYBODY, PEERS, esp_mode, is_old, may_be_anybody, rendered_peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_WEST = "set vpn ipsec site-to-site peer west"
_ANY = (
    instead(
        instead(without(PEER, "protocol"), "address 203.0.113.20", "address any"), "mode transport", "mode tunnel"
    )
    + f"{_WEST} tunnel 1 local prefix 10.1.0.0/16\n{_WEST} tunnel 1 remote prefix 10.2.0.0/16\n"
)

RULE = Rule(
    code="CFG380",
    title="a connection-type without effect",
    severity="warning",
    why=(
        "Where the remote address is any there is nobody to call, and charon refuses to install a trap in tunnel "
        "mode (its log: remote address unknown): VyOS takes both, and the kernel has no policy until the peer calls. "
        "A peer whose name starts with @ "
        "(until 1.3 also any and 0.0.0.0) is loaded passively, whatever its connection-type says. Say none, and "
        "guard the packets in another way."
    ),
    bad=_ANY + f"{_WEST} connection-type trap\n",
    good=_ANY + f"{_WEST} connection-type none\n",
)

_WAITING = ("respond", "none")


def find(subject: Subject) -> Iterator[Finding]:
    if is_old(subject):
        yield from _old(subject)
        return
    for peer in rendered_peers(subject):
        value = peer.in_force("connection-type")
        word = peer.text("connection-type") or "initiate"
        if word == "none" or not (peer.name.startswith("@") or may_be_anybody(peer)):
            continue
        path = f"{peer.where} connection-type" if value is not None else peer.where
        span = value.span if value is not None else first_span(peer.node)
        if peer.name.startswith("@"):
            if value is not None:
                message = f"the peer's name starts with @: VyOS silently makes {word} none"
                yield RULE.finding(message, path, span)
        elif word == "trap" and _in_tunnel_mode(subject, peer):
            message = "the remote address is any: charon refuses the trap, and there is no policy at all"
            yield RULE.finding(message, path, span)
        elif word == "initiate" and (value is not None or peer.texts("remote-address")):
            message = "the remote address is any: there is nobody to call, so nothing is initiated"
            yield RULE.finding(message, path, span, severity="warning" if value is not None else "info")


def _old(subject: Subject) -> Iterator[Finding]:
    """A word that only waits is what happens anyway, but for the trap."""
    for peer in Branch((), subject.document.root).each(*PEERS):
        value = peer.in_force("connection-type")
        if value is not None and (peer.name.startswith("@") or peer.name in ANYBODY) and not peer.has("disable"):
            message = f"peer {peer.name} has no address: VyOS loads it passively and ignores {value.word}"
            severity: Severity = "info" if value.word in _WAITING else "warning"
            yield RULE.finding(message, f"{peer.where} connection-type", value.span, severity=severity)


def _in_tunnel_mode(subject: Subject, peer: Branch) -> bool:
    vti = peer.below("vti")
    children = [*peer.each("tunnel"), *((vti,) if vti is not None and not peer.has("tunnel") else ())]
    return any(esp_mode(subject, peer, child) == "tunnel" for child in children)
