"""PAIR406: what one end calls local, the other does not call remote."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import Child
from sapper.rules.example import PEER, instead
from sapper.rules.far_example import FAR_PEER
from sapper.rules.finding import Finding
from sapper.rules.pair_peers import PeerEnd
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TUNNEL = instead(PEER, "mode transport", "mode tunnel")
_LOCAL = (
    "set vpn ipsec site-to-site peer west tunnel 1 local prefix {}\n"
    "set vpn ipsec site-to-site peer west tunnel 1 remote prefix {}\n"
)
_MINE = _TUNNEL + _LOCAL.format("10.1.0.0/16", "10.3.0.0/16")
_FAR = instead(FAR_PEER, "mode transport", "mode tunnel") + _LOCAL.replace("west", "east").format(
    "10.2.0.0/16", "10.1.0.0/16"
)

RULE = Rule(
    code="PAIR406",
    title="selectors that do not meet",
    severity="error",
    why=(
        "The traffic selectors of the two ends are narrowed to what both have. Where they have nothing in common, "
        "the child is refused (TS_UNACCEPTABLE); where they have a part in common, only that is protected, and "
        "the rest is in clear."
    ),
    reference="RFC 7296 2.9",
    lab="The daemon logs TS_UNACCEPTABLE; no child SA.",
    bad=_MINE,
    good=_TUNNEL + _LOCAL.format("10.1.0.0/16", "10.2.0.0/16"),
    far=_FAR,
)


def find(subject: Subject) -> Iterator[Finding]:
    """Nothing: one text has no far end."""
    del subject
    return iter(())


def compare(near: PeerEnd, far: PeerEnd) -> Iterator[Finding]:
    for child in near.children:
        if not child.local_ts or not child.remote_ts:
            continue
        others = [other for other in far.children if other.local_ts and other.remote_ts]
        if others and not any(_meet(child, other) for other in others):
            message = f"no child of {far.label} has selectors that meet those of {child.title}"
            yield RULE.finding(message, near.path, near.span)


def _meet(child: Child, other: Child) -> bool:
    pairs = ((child.local_ts, other.remote_ts), (child.remote_ts, other.local_ts))
    return all(any(one.prefix.overlaps(two.prefix) for one in ours for two in theirs) for ours, theirs in pairs)
