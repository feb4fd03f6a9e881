"""PAIR402: transport mode between ends of which one is behind NAT, or has an address that the other does not know."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PROTECTED, instead
from sapper.rules.far_example import FAR_PROTECTED
from sapper.rules.finding import Finding
from sapper.rules.pair_peers import PeerEnd, hidden
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="PAIR402",
    title="transport mode through NAT",
    severity="error",
    why=(
        "In transport mode the policy is for the two addresses of the outer packets. NAT changes one of them on "
        "the way, so the far end decapsulates a packet whose addresses are not those of its policy, and its own "
        "packets match none: they leave in clear or are lost. Tunnel mode between addresses inside does not mind."
    ),
    reference="RFC 3948 5.2; RFC 7296 2.23.1",
    lab="Behind NAT and with the SA up, the far end sends its tunnel packets in clear, and nothing is delivered.",
    bad=PROTECTED,
    good=instead(PROTECTED, "mode transport", "mode tunnel"),
    far=instead(FAR_PROTECTED, "remote-address 192.0.2.10", "remote-address 198.51.100.1"),
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(near: PeerEnd, far: PeerEnd) -> Iterator[Finding]:
    transport = [child for child in near.children if child.mode == "transport"]
    if transport and (hidden(near, far) or hidden(far, near)):
        message = f"{transport[0].title} is in transport mode, and {far.label} sees another address, or none that it knows"
        yield RULE.finding(message, near.path, near.span)
