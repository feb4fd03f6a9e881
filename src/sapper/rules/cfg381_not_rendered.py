"""CFG381: an option of IPsec that VyOS takes and renders to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC, is_old, peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG381",
    title="an IPsec option that is not rendered",
    severity="warning",
    why=(
        "VyOS takes the word, writes nothing of it into swanctl.conf, and so ignores it: ikev2-reauth of a group or "
        "a peer (an IKE SA is rekeyed, never authenticated anew), disable-uniqreqids, and log level."
    ),
    bad=PEER + "set vpn ipsec ike-group IKE ikev2-reauth\n",
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    if is_old(subject):
        return
    top = subject.top
    flags = [group.below("ikev2-reauth") for group in top.each(*IPSEC, "ike-group")]
    for flag in (*flags, top.below(*IPSEC, "disable-uniqreqids")):
        if flag is not None:
            message = f"VyOS takes {flag.name} and ignores it: nothing is rendered from it"
            yield RULE.finding(message, flag.where, first_span(flag.node))
    for peer in peers(subject):
        value = peer.in_force("ikev2-reauth")
        if value is not None and value.word == "yes":
            message = "VyOS takes ikev2-reauth and ignores it: nothing is rendered from it"
            yield RULE.finding(message, f"{peer.where} ikev2-reauth", value.span)
    level = top.in_force(*IPSEC, "log", "level")
    if level is not None and level.word != "0":
        message = f"VyOS ignores log level {level.word}: nothing is rendered from it"
        yield RULE.finding(message, " ".join((*IPSEC, "log", "level")), level.span, severity="info")
