"""CFG370: a local address of another family than every remote one.

Host names may be of either family and are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, instead
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import ANYBODY, address, is_old, peers, refused_when
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG370",
    title="a local address of another family than the remote one",
    severity="warning",
    why=(
        "The outer packet has one family. VyOS refuses it until 1.3 (and there an IPv6 peer needs a local address "
        "that is not any); since 1.4 it takes it, and the daemon can send nothing."
    ),
    bad=instead(PEER, "local-address 192.0.2.10", "local-address 2001:db8::10"),
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    severity, does = refused_when(old)
    for peer in peers(subject):
        value = peer.in_force("local-address")
        remotes = [remote.word for remote in peer.texts("remote-address")]
        if value is None or not remotes or not ANYBODY.isdisjoint(remotes):
            continue
        families = {remote.family if (remote := address(word)) else 0 for word in remotes}
        path = f"{peer.where} local-address"
        local = address(value.word)
        if value.word in ANYBODY:
            if old and families == {6}:
                message = f"local-address {value.word} of an IPv6 peer: VyOS refuses it, and wants the address"
                yield RULE.finding(message, path, value.span, severity="error")
        elif local is not None and 0 not in families and local.family not in families:
            rest = "" if old else ", and the peer is never reached"
            message = f"local-address is IPv{local.family} and the remote address is not: {does}{rest}"
            yield RULE.finding(message, path, value.span, severity=severity)
