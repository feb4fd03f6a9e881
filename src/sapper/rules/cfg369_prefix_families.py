"""CFG369: prefixes of a family that the other side of the tunnel has none of."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch
from sapper.rules.example import PEER, instead, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import is_old, peers, prefixes, refused_when
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TUNNEL = "set vpn ipsec site-to-site peer west tunnel 1"
_LOCAL = (
    instead(without(PEER, "tunnel 1"), "mode transport", "mode tunnel")
    + f"{_TUNNEL} local prefix 2001:db8:1::/48\n"
)

RULE = Rule(
    code="CFG369",
    title="prefixes of different families",
    severity="warning",
    why=(
        "No packet has a source of one family and a destination of the other. VyOS refuses it until 1.3; since 1.4 "
        "it takes it and hands it on, and nothing is ever encrypted for such a prefix. The kernel has one family "
        "for each policy and cannot hold it."
    ),
    bad=_LOCAL + f"{_TUNNEL} remote prefix 10.2.0.0/24\n",
    good=_LOCAL + f"{_TUNNEL} remote prefix 2001:db8:2::/48\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    for peer in peers(subject):
        for tunnel in peer.each("tunnel"):
            yield from _alone(tunnel, "local", "remote", old)
            yield from _alone(tunnel, "remote", "local", old)


def _alone(tunnel: Branch, side: str, other: str, old: bool) -> Iterator[Finding]:
    """The prefixes of this side whose family the other side lacks; at most one finding for each family."""
    theirs = {prefix.family for _value, prefix in prefixes(tunnel, other)}
    told: set[int] = set()
    severity, does = refused_when(old)
    for value, prefix in prefixes(tunnel, side):
        if theirs and prefix.family not in theirs and prefix.family not in told:
            told.add(prefix.family)
            rest = "" if old else ", and it selects no packet"
            message = f"{value.word} is IPv{prefix.family} and no {other} prefix is: {does}{rest}"
            yield RULE.finding(message, f"{tunnel.where} {side} prefix", value.span, severity=severity)
