"""MTU211: the two ends of a tunnel have different MTUs.

Found only where both ends are checked together. A device cuts or refuses what it sends, by its own MTU, and takes
whatever comes (ip_tunnel_rcv in the kernel's net/ipv4/ip_tunnel.c looks at no MTU), so the kernel never notices.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.example import PEER, TUNNEL
from sapper.rules.far_example import FAR_PEER, FAR_TUNNEL
from sapper.rules.finding import Finding, Fix
from sapper.rules.mtu201_too_large import mtu_commands
from sapper.rules.pair_sizes import End
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="MTU211",
    title="MTUs of the two ends that differ",
    severity="warning",
    why=(
        "The two directions take packets of different lengths, so one end is too large for the path or smaller than "
        "need be. Where it is too large, connections work one way and stall, or are cut, the other way. OSPF gets no "
        "further than ExStart between two MTUs (RFC 2328 10.6). Both ends should have the smaller one. It is found "
        "where both ends are checked together, and only where each end's address is what the other one names."
    ),
    bad=TUNNEL + PEER + "set interfaces tunnel tun0 mtu 1442\n",
    good=TUNNEL + PEER + "set interfaces tunnel tun0 mtu 1400\n",
    far=FAR_TUNNEL + FAR_PEER + "set interfaces tunnel tun0 mtu 1400\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(near: End, far: End) -> Iterator[Finding]:
    here, there = near.tunnel, far.tunnel
    if here.mtu == there.mtu:
        return
    told = "" if near.is_written else " by default"
    told_there = "" if far.is_written else " by default"
    message = (
        f"{here.name} has mtu {here.mtu}{told}, and its far end {far.label} has {there.mtu}{told_there}: "
        f"packets that pass one way are too long the other way"
    )
    yield RULE.finding(message, f"{here.origin.path} mtu", near.span, fixes=both_ends(near, far))


def both_ends(near: End, far: End) -> tuple[Fix, ...]:
    """The MTU that is right for both: the least of what they have and of what fits."""
    least = min(least for end in (near, far) for least in (end.tunnel.mtu, end.tunnel.fits))
    here, there = (tuple(mtu_commands(end.tunnel, least)) if end.tunnel.mtu != least else () for end in (near, far))
    return (Fix(f"mtu {least} at both ends", here, there),) if here or there else ()
