"""CFG379: a peer that responds, and can initiate all the same.

The upgrade writes ``trap`` for it, so the word is read where it was written. A peer that is loaded passively is
CFG380's business.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch
from sapper.rules.example import PEER
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import ANYBODY, PEERS
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_WEST = "set vpn ipsec site-to-site peer west connection-type"

RULE = Rule(
    code="CFG379",
    title="a responding peer that can initiate",
    severity="info",
    why=(
        "connection-type respond is a trap policy in the kernel, and later releases call it trap: a packet for the "
        "peer starts the negotiation from this end. That is what keeps such a packet from leaving in clear; only "
        "none leaves all calling to the peer, and then nothing holds the packet."
    ),
    bad=PEER + f"{_WEST} respond\n",
    good=PEER + f"{_WEST} trap\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    for peer in Branch((), subject.document.root).each(*PEERS):
        value = peer.in_force("connection-type")
        passive = peer.name.startswith("@") or peer.name in ANYBODY
        if value is not None and value.word == "respond" and not passive and not peer.has("disable"):
            message = "VyOS makes respond a trap: a packet for the peer lets this end initiate too"
            yield RULE.finding(message, f"{peer.where} connection-type", value.span)
