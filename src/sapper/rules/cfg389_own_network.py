"""CFG389: a remote network that lies within a local one, and so bypasses the tunnel.

Between overlapping prefixes VyOS adds a child that lets the local network talk to itself in clear, and such a
policy comes before all that encrypt. A local network within the remote one is meant by it and loses nothing.
Source: the passthrough child of VyOS' swanctl template; strongSwan's POLICY_PRIORITY_PASS.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Prefix
from sapper.model.branch import Branch
from sapper.rules.example import PEER, instead, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import esp_mode, is_old, peers, prefixes
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TUNNEL = "set vpn ipsec site-to-site peer west tunnel 1"
_REMOTE = (
    instead(without(PEER, "tunnel 1"), "mode transport", "mode tunnel") + f"{_TUNNEL} remote prefix 10.2.0.0/16\n"
)

RULE = Rule(
    code="CFG389",
    title="a remote network within a local one",
    severity="warning",
    why=(
        "VyOS adds a policy that leaves the local network alone with itself, and it comes before the one that "
        "encrypts: whatever goes to the remote network leaves in clear. Until 1.3 it refuses two prefixes that are "
        "the same. The kernel takes both policies."
    ),
    bad=_REMOTE + f"{_TUNNEL} local prefix 10.0.0.0/8\n",
    good=_REMOTE + f"{_TUNNEL} local prefix 10.1.0.0/16\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    for peer in peers(subject):
        for tunnel in peer.each("tunnel"):
            if esp_mode(subject, peer, tunnel) != "transport":
                yield from _within(tunnel, old, tunnel.has("disable") or peer.has("disable"))


def _within(tunnel: Branch, old: bool, disabled: bool) -> Iterator[Finding]:
    """Each remote prefix is looked up with its own length and every shorter one that a local prefix has."""
    local = {prefix for _value, prefix in prefixes(tunnel, "local")}
    lengths = {(prefix.family, prefix.length) for prefix in local}
    path = f"{tunnel.where} remote prefix"
    for value, remote in prefixes(tunnel, "remote"):
        if old and remote in local:
            message = f"{value.word} is both local and remote: VyOS refuses it"
            yield RULE.finding(message, path, value.span, severity="error")
            continue
        wider = [
            around
            for family, length in sorted(lengths)
            if family == remote.family and length <= remote.length
            if (around := Prefix(remote.family, remote.value, length)) in local
        ]
        if wider and not disabled:
            message = (
                f"{value.word} lies within local prefix {wider[0]}: VyOS adds a policy that lets {wider[0]} reach "
                "itself in clear, and what goes there is not encrypted"
            )
            yield RULE.finding(message, path, value.span)
