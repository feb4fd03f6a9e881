"""CFG382: rekeying switched off, of the SAs or of IKE."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG382",
    title="rekeying switched off",
    severity="info",
    why=(
        "disable-rekey makes rekey_time 0 and keeps life_time: unless the peer rekeys, the kernel drops the SA when "
        "its lifetime has passed, and its policy with it unless a trap holds it. A lifetime of 0 of an IKE group "
        "turns its rekeying off as well; the IKE SA then lives until somebody closes it."
    ),
    bad=PEER + "set vpn ipsec esp-group ESP disable-rekey\n",
    good=PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    for group in subject.top.each(*IPSEC, "esp-group"):
        flag = group.below("disable-rekey")
        if flag is not None:
            lifetime = group.number("lifetime") or 3600
            message = f"VyOS keeps the lifetime: an SA that this end may not rekey ends after {lifetime} s"
            yield RULE.finding(message, flag.where, first_span(flag.node))
    for group in subject.top.each(*IPSEC, "ike-group"):
        value = group.in_force("lifetime")
        if value is not None and group.number("lifetime") == 0:
            message = "lifetime 0 switches the rekeying of IKE off: VyOS renders rekey_time 0"
            yield RULE.finding(message, f"{group.where} lifetime", value.span)
