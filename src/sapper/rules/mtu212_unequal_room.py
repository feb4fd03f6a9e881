"""MTU212: what fits differs between the two ends of a tunnel, and this end has more than the other one can send.

One end is behind PPPoE, or its ESP group proposes another transform first: each end's own MTU may be right for itself
and still not for the pair. Told at the end that would have to change; MTU201 tells the other one.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, TUNNEL
from sapper.rules.far_example import FAR_PEER, FAR_TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.mtu211_unequal_mtu import both_ends
from sapper.rules.pair_sizes import End
from sapper.rules.rule import Rule
from sapper.rules.sized import stack_words
from sapper.rules.subject import Subject

RULE = Rule(
    code="MTU212",
    title="a far end that has less room",
    severity="info",
    why=(
        "The underlays or the transforms of the two ends leave different room, and the smaller one is what both should "
        "set: the far end can answer with nothing longer, and what this end sends must pass its underlay too. Nothing "
        "is said where this end's MTU is within both. It is found where the two ends are checked together."
    ),
    bad=TUNNEL + PEER + "set interfaces tunnel tun0 mtu 1442\n",
    good=TUNNEL + PEER + "set interfaces tunnel tun0 mtu 1342\n",
    far=FAR_TUNNEL + FAR_PEER + "set interfaces ethernet eth0 mtu 1400\nset interfaces tunnel tun0 mtu 1342\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(near: End, far: End) -> Iterator[Finding]:
    here, there = near.tunnel, far.tunnel
    if not there.fits < min(here.fits, here.mtu):
        return
    message = (
        f"{here.fits} fits {here.name} here ({stack_words(here)}), but {there.fits} its far end {far.label} "
        f"({stack_words(there)}): both should have at most {there.fits}"
    )
    yield RULE.finding(message, f"{here.origin.path} mtu", near.span, fixes=both_ends(near, far))
