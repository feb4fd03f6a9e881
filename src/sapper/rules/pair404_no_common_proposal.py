"""PAIR404: the two ends have no IKE or no ESP proposal in common."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, instead
from sapper.rules.far_example import FAR_PEER
from sapper.rules.finding import Finding
from sapper.rules.pair_peers import PeerEnd
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="PAIR404",
    title="no proposal that both ends have",
    severity="error",
    why=(
        "The daemons compare what they offer, and end with NO_PROPOSAL_CHOSEN: the SA never comes up. What "
        "happens to the tunnel's packets meanwhile is what its state negotiating says."
    ),
    reference="RFC 7296 2.7",
    lab="The daemon logs NO_PROPOSAL_CHOSEN; no SA.",
    bad=PEER,
    good=instead(PEER, "encryption aes256gcm128", "encryption aes256"),
    far=instead(FAR_PEER, "encryption aes256gcm128", "encryption aes256"),
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(near: PeerEnd, far: PeerEnd) -> Iterator[Finding]:
    if not set(near.connection.proposals) & set(far.connection.proposals):
        yield RULE.finding(f"no IKE proposal is the same in {far.label}", near.path, near.span)
    here, there = (
        {esp_words(words) for child in end.children for words in child.esp_proposals} for end in (near, far)
    )
    if here and there and not here & there:
        yield RULE.finding(f"no ESP proposal is the same in {far.label}", near.path, near.span)


def esp_words(proposal: str) -> str:
    """Without the group for rekeying, which the first child does not need; the hash of an AEAD cipher says nothing."""
    cipher, *others = proposal.split("-")
    if any(mark in cipher for mark in ("gcm", "ccm", "gmac", "poly1305")):
        return cipher
    return "-".join([cipher, *others[:1]])
