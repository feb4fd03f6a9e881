"""PAIR407: the two ends have different pre-shared keys. Neither is repeated."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, instead
from sapper.rules.far_example import FAR_PEER
from sapper.rules.finding import Finding
from sapper.rules.pair_peers import PeerEnd
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="PAIR407",
    title="pre-shared keys that differ",
    severity="error",
    why=(
        "The daemons end with AUTHENTICATION_FAILED, and the SA never comes up. A blank at the end of one, or "
        "quotes that became part of it, look alike on the screen."
    ),
    reference="RFC 7296 2.15",
    lab="The daemon logs AUTHENTICATION_FAILED; no SA.",
    bad=instead(PEER, "secret example", "secret exampel"),
    good=PEER,
    far=FAR_PEER,
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(near: PeerEnd, far: PeerEnd) -> Iterator[Finding]:
    here, there = near.connection.secret, far.connection.secret
    shared = near.connection.auth == far.connection.auth == "psk"
    if shared and here is not None and there is not None and here.reveal() != there.reveal():
        yield RULE.finding(f"the pre-shared key is not that of {far.label}", near.path, near.span)
