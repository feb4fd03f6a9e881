"""PAIR405: the two ends speak different versions of IKE."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, instead
from sapper.rules.far_example import FAR_PEER
from sapper.rules.finding import Finding
from sapper.rules.pair_peers import PeerEnd
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="PAIR405",
    title="IKEv1 at one end, IKEv2 at the other",
    severity="error",
    why="A daemon that is set to one version does not answer the other one: no SA comes up.",
    reference="RFC 7296 2.5",
    lab="The daemon answers with a notify for its own version; no SA.",
    bad=PEER,
    good=instead(PEER, "key-exchange ikev2", "key-exchange ikev1"),
    far=instead(FAR_PEER, "key-exchange ikev2", "key-exchange ikev1"),
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(near: PeerEnd, far: PeerEnd) -> Iterator[Finding]:
    here, there = near.connection.version, far.connection.version
    if here and there and here != there:
        yield RULE.finding(f"IKEv{here} here, IKEv{there} in {far.label}", near.path, near.span)
