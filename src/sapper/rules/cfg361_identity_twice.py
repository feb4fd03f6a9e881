"""CFG361: an own identity beside use-x509-id, which says that the certificate has it.

The check of 1.4 and later still looks for the older word ``id``, so it never finds anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import is_old, peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_LOCAL = PEER + "set vpn ipsec site-to-site peer west authentication local-id 192.0.2.10\n"

RULE = Rule(
    code="CFG361",
    title="an identity beside use-x509-id",
    severity="warning",
    why=(
        "The two contradict each other. VyOS refuses them together until 1.3. Since 1.4 its check looks for a word "
        "that is gone: it takes both, renders the local-id and does not render use-x509-id."
    ),
    bad=_LOCAL + "set vpn ipsec site-to-site peer west authentication use-x509-id\n",
    good=_LOCAL,
)


def find(subject: Subject) -> Iterator[Finding]:
    old = is_old(subject)
    for peer in peers(subject):
        flag = peer.below("authentication", "use-x509-id")
        if flag is None or not peer.texts("authentication", "local-id"):
            continue
        if old:
            message = "id and use-x509-id exclude each other: VyOS refuses it"
            yield RULE.finding(message, flag.where, first_span(flag.node), severity="error")
        else:
            message = "use-x509-id beside local-id: VyOS takes both, sends local-id and ignores this"
            yield RULE.finding(message, flag.where, first_span(flag.node))
