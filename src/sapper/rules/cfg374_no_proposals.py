"""CFG374: an IKE or ESP group without proposals."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC, is_old
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG374",
    title="a group without proposals",
    severity="warning",
    why=(
        "Until 1.3 VyOS refuses a group that has not between one and ten proposals. Since 1.4 it does not look and "
        "renders an empty list, and strongSwan then offers a list of its own instead: its whole set, from AES to "
        "3DES in IKE (seen with 5.9.8)."
    ),
    bad=without(PEER, "esp-group ESP proposal"),
    good=PEER,
)

_MOST = 10


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    for kind in ("ike-group", "esp-group"):
        for group in subject.top.each(*IPSEC, kind):
            proposals = group.below("proposal")
            count = len(proposals.node.children) if proposals is not None else 0
            span = first_span(group.node)
            if count == 0 and old:
                message = f"{kind} {group.name} has no proposal: VyOS refuses it"
                yield RULE.finding(message, group.where, span, severity="error")
            elif count == 0:
                message = f"{kind} {group.name} has no proposal: VyOS takes it, and strongSwan offers its own list"
                yield RULE.finding(message, group.where, span)
            elif count > _MOST and old:
                message = f"{kind} {group.name} has {count} proposals: VyOS refuses more than {_MOST}"
                yield RULE.finding(message, group.where, span, severity="error")
