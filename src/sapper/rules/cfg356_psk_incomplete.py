"""CFG356: a pre-shared key without an identity or without its secret.

Keys were under their peers until 1.3, where both ends' names are its identities. The name of a key is never
repeated: a secret that stands in its place would be told.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER, without
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import IPSEC
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG356",
    title="a pre-shared key without identity or secret",
    severity="error",
    why=(
        "VyOS refuses the commit: a key belongs to identities, not to a peer, so it needs at least one id and a "
        "secret. A dhcp-interface adds an identity when the lease is there and does not count. strongSwan itself "
        "would take a key without identities, and use it for everybody."
    ),
    bad=without(PEER, "psk west id"),
    good=PEER,
)

_PATH = (*IPSEC, "authentication", "psk")


def find(subject: Subject) -> Iterator[Finding]:
    for key in subject.top.each(*_PATH):
        missing = [word for word in ("id", "secret") if not key.texts(word)]
        if missing:
            leased = " (a dhcp-interface is not enough)" if "id" in missing and key.has("dhcp-interface") else ""
            message = f"this pre-shared key has no {' and no '.join(missing)}{leased}: VyOS refuses it"
            yield RULE.finding(message, " ".join(_PATH), first_span(key.node))
