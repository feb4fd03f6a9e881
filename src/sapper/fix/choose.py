"""Which strategies to try, in which order, and why: by what the user has."""

from __future__ import annotations

from typing import Literal, NamedTuple

from sapper.fix.failing import failing_entries
from sapper.rules.leak import hidden_ends
from sapper.rules.pair_peers import hidden, peer_ends, peer_pairs
from sapper.rules.subject import Subject

Strategy = Literal["vti", "dummy", "guard"]
STRATEGIES: tuple[Strategy, ...] = ("vti", "dummy", "guard")
_FIREWALL_KNOWS_IPSEC_OUT = "1.5"


class Choice(NamedTuple):
    strategy: Strategy
    why: str


def choices(near: Subject, far: Subject | None) -> list[Choice]:
    """The best one first; the others follow, in case that it cannot be proved."""
    best = _best(near, far)
    reason = f"{best.strategy} could not be proved"
    return [best, *(Choice(other, reason) for other in ("guard", "dummy", "vti") if other != best.strategy)]


def _best(near: Subject, far: Subject | None) -> Choice:
    entries = failing_entries(near) or (failing_entries(far) if far is not None else [])
    if entries and all(entry.link is not None and entry.link.kind == "xfrm" for entry in entries):
        return Choice("vti", "it is a VTI already, and unreachable routes are the smallest change")
    if any(hidden_ends(near, entry) for entry in entries):
        return Choice("dummy", "the tunnel's ends are no addresses outside, so a blackhole is the smallest change")
    encapsulated = any(connection.encap for entry in entries for connection in entry.connections)
    if far is not None and (encapsulated or _meet_elsewhere(near, far)):
        return Choice("dummy", "NAT is in between, and addresses behind it cannot be the ends of the tunnel")
    if near.generation >= _FIREWALL_KNOWS_IPSEC_OUT:
        return Choice("guard", "it leaves the tunnel and its routing as they are")
    if far is not None:
        return Choice("dummy", f"the firewall of {near.generation} cannot match what will not be encrypted")
    return Choice("guard", "it is the only one that changes nothing at the far end; in nftables' words, because the "
                  f"firewall of {near.generation} has none")  # fmt: skip


def _meet_elsewhere(near: Subject, far: Subject) -> bool:
    """Whether one of the ends sees another address than the other one has, or knows none: NAT, or a dynamic address."""
    pairs = peer_pairs([peer_ends(near), peer_ends(far)])
    return any(number == 0 and (hidden(end, other) or hidden(other, end)) for number, end, other in pairs)
