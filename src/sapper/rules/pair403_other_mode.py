"""PAIR403: the two ends want different modes."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, instead
from sapper.rules.far_example import FAR_PEER
from sapper.rules.finding import Finding
from sapper.rules.pair_peers import PeerEnd
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="PAIR403",
    title="one end in tunnel mode, the other in transport mode",
    severity="error",
    why=(
        "Transport mode is asked for and may be declined: the SA comes up in tunnel mode at both ends or not at "
        "all, while one end has the policies and sizes of the other mode in its configuration."
    ),
    reference="RFC 7296 1.3.1",
    lab="The daemon logs that the mode was not accepted.",
    bad=PEER,
    good=instead(PEER, "mode transport", "mode tunnel"),
    far=instead(FAR_PEER, "mode transport", "mode tunnel"),
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(near: PeerEnd, far: PeerEnd) -> Iterator[Finding]:
    here, there = ({child.mode for child in end.children} for end in (near, far))
    if len(here) == 1 == len(there) and here != there:
        message = f"{near.children[0].title} is in {here.pop()} mode, {far.label} in {there.pop()} mode"
        yield RULE.finding(message, near.path, near.span)
