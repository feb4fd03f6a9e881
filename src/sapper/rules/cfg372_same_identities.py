"""CFG372: two pre-shared keys with the same identities.

Neither the name nor the secret of a key is repeated. Where keys stood under their peers (until 1.3), their
identities are the peers' own. Source: strongSwan's credential_manager.c, get_shared.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC, is_old
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_OTHER = (
    "set vpn ipsec authentication psk north id 192.0.2.10\n"
    "set vpn ipsec authentication psk north id 203.0.113.21\n"
    "set vpn ipsec authentication psk north secret another\n"
)

RULE = Rule(
    code="CFG372",
    title="two pre-shared keys with the same identities",
    severity="warning",
    why=(
        "VyOS does not notice. strongSwan finds a key by the identities of the two ends, never by the peer's name; "
        "of two that fit equally well one is taken and the other never used."
    ),
    bad=PEER + _OTHER.replace("203.0.113.21", "203.0.113.20"),
    good=PEER + _OTHER,
)

_PATH = (*IPSEC, "authentication", "psk")


def find(subject: Subject) -> Iterator[Finding]:
    if is_old(subject):
        return
    seen: dict[frozenset[str], Branch] = {}
    for key in subject.top.each(*_PATH):
        identities = frozenset(value.word for value in key.texts("id"))
        if not identities:
            continue
        first = seen.setdefault(identities, key)
        if first is not key:
            message = (
                f"the key at {subject.line_column(first_span(first.node))} has the same identities: VyOS takes both, and the "
                "daemon uses one of them for every peer that they fit"
            )
            yield RULE.finding(message, " ".join(_PATH), first_span(key.node))
