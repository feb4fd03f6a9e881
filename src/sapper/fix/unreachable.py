"""Routes of the worst distance for protected networks: what takes over when the tunnel's own routes are gone."""

from __future__ import annotations

from collections.abc import Iterable

from sapper.address import Prefix
from sapper.config.edit import Change, Put, SetValue
from sapper.fix.proposal import Proposal
from sapper.rules.leak import LAST_RESORT
from sapper.rules.subject import Subject


def propose(subject: Subject, networks: Iterable[Prefix], kind: str = "reject") -> Proposal:
    """A route for each network that has none of that kind yet. ``blackhole`` comes first, ``reject`` last."""
    changes: list[Change] = []
    for network in networks:
        path = route_path(network)
        if subject.top.has(*path, "reject") or subject.top.has(*path, "blackhole"):
            continue
        if kind == "reject":
            changes.append(SetValue((*path, kind, "distance"), str(LAST_RESORT)))
        else:
            changes.append(Put((*path, kind)))
    return Proposal(near=tuple(changes))


def route_path(network: Prefix) -> tuple[str, ...]:
    """Where a static route for that network stands."""
    return ("protocols", "static", "route6" if network.family == 6 else "route", str(network))
