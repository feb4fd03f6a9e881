"""From the ends of liveness' walks to its verdict.

Here a packet that is dropped refutes. So a part that sapper does not model and that may add a way makes a refutation
unknown, and one that may do anything to a packet makes a proof unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from sapper.address import Prefix
from sapper.kernel.effect import ADDS_WAYS, DROPS
from sapper.kernel.plan import Child, Connection, Plan
from sapper.mtu.plan_index import PlanIndex as SizeIndex
from sapper.proof.properties.liveness import Terms, own_part, terms_of, up_in
from sapper.proof.properties.liveness_assumed import assumed
from sapper.proof.properties.liveness_cases import inner_networks
from sapper.proof.properties.liveness_room import no_room
from sapper.proof.properties.protected import Entry, networks_of
from sapper.proof.properties.question import Case, Question
from sapper.proof.properties.return_paths import assumed_of_filters
from sapper.proof.properties.tally import NO_CASE, Finding, _names, _witness
from sapper.proof.properties.unwalked import unwalked
from sapper.proof.states.effective import kernel_in, local_selectors, remote_selectors, selectors_known
from sapper.proof.states.events import events_into, parties_of
from sapper.proof.verdict import PropertyVerdict, Witness
from sapper.proof.walk.walk import End

SILENT = "none of its peers has an endpoint: where they are is known once they have spoken"


class Seen(msgspec.Struct):
    """What the walks of an entry showed. ``fault`` is a witness of what does not get through, without a doubt.

    ``other`` is one of a packet that another connection's policy took; ``mine``: some packet went to the entry's own
    peer. ``doubts`` name what is not modelled and decided a way, ``hidden`` the entry's own children whose selectors
    nobody knows.
    """

    fault: Witness | None = None
    other: Witness | None = None
    mine: bool = False
    doubts: dict[str, None] = msgspec.field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    classes: int = 0


def settle(plan: Plan, entry: Entry, asked: Question) -> PropertyVerdict:
    """The verdict of the reference: every case walked in the one situation."""
    if asked.not_applicable is not None:
        return PropertyVerdict(verdict="not-applicable", reason=asked.not_applicable)
    owners = {child.name: connection for connection in plan.connections for child in connection.children}
    terms = terms_of(entry, owners.get)
    seen = _seen(plan, entry, asked, terms)
    unknown = tuple(unknown_selectors(plan))
    seen.hidden = tuple(line for child, line in unknown if child.name in terms.own)
    if entry.link is not None:
        networks = tuple(networks_of(plan, entry.link))
        seen.doubts |= dict.fromkeys(captured(every_child(plan), networks, inner_networks(plan)))
    bridged = entry.link is not None and entry.link.master is not None
    room = no_room(SizeIndex(plan), entry.link) if bridged and entry.link is not None else None
    gaps = dict.fromkeys((*plan.gaps, *unwalked(plan, "liveness")))
    others = tuple(child.title for child, _ in unknown if child.name not in terms.own)
    return concluded(
        entry, seen, tuple(gaps), room, (*plan.assumptions, *assumed_of_filters(plan), *assumed(entry, others))
    )


def _seen(plan: Plan, entry: Entry, asked: Question, terms: Terms) -> Seen:
    situation, seen = up_in(plan), Seen(classes=len(asked.cases))
    kernel = kernel_in(plan, situation)
    events = events_into(parties_of(plan), (connection.name for connection in entry.connections), own_part(entry))

    def shown(case: Case, end: End) -> Witness:
        return _witness(Finding(situation, case, end, ()), events)

    for case in asked.cases:
        for end in asked.ends(kernel, case):
            if end.kind == "unknown" or (end.doubts and asked.refutes(kernel, end)):
                seen.doubts |= dict.fromkeys(end.doubts)
            elif asked.refutes(kernel, end):
                seen.fault = seen.fault or shown(case, end)
            elif end.kind == "wire" and (entry.link is not None or terms.is_mine(end.seals)):
                seen.mine = True
            elif end.kind == "wire" and end.seals:
                seen.other = seen.other or shown(case, end)
    return seen


def concluded(
    entry: Entry, seen: Seen, gaps: tuple[str, ...], room: str | None, assumptions: tuple[str, ...]
) -> PropertyVerdict:
    """The verdict on what was seen. ``room``: why longer packets vanish; ``gaps`` are what nobody models."""
    said = PropertyVerdict(verdict="proved", states=1, classes=seen.classes, assumptions=assumptions)
    adding, dropping = _by_effect(gaps)
    if seen.hidden:
        return _replaced(said, "unknown", "; ".join(seen.hidden))
    if not seen.classes:
        return _replaced(said, "unknown", SILENT if entry.is_wireguard else NO_CASE)
    if seen.doubts and not (seen.fault or room):
        return _replaced(said, "unknown", "; ".join(seen.doubts))
    fault = seen.fault or (None if seen.mine else seen.other)
    if (fault or room) and adding:
        return _replaced(said, "unknown", f"not modelled, and it could add a way: {_names(adding)}")
    if fault or room:
        said = _replaced(said, "refuted", None if fault else room)
        return msgspec.structs.replace(said, failing_states=("up",), witness=fault)
    if not seen.mine:
        return _replaced(said, "unknown", "no packet of its selectors passes this router")
    if dropping or adding:
        names = _names(list(dict.fromkeys((*dropping, *adding))))
        return _replaced(said, "unknown", f"not modelled, and it could stop the packet: {names}")
    return said


@lru_cache(maxsize=4)
def _by_effect(gaps: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The gaps that may add ways, and those that may drop packets: one Plan asks for all of its entries."""
    return [gap for gap in gaps if gap.endswith(ADDS_WAYS)], [gap for gap in gaps if gap.endswith(DROPS)]


def _replaced(said: PropertyVerdict, word: str, reason: str | None) -> PropertyVerdict:
    return msgspec.structs.replace(said, verdict=word, reason=reason)


def every_child(plan: Plan) -> Iterator[tuple[Connection, Child]]:
    return ((connection, child) for connection in plan.connections for child in connection.children)


def captured(
    children: Iterable[tuple[Connection, Child]], networks: tuple[Prefix, ...], inner: tuple[Prefix, ...]
) -> Iterator[str]:
    """Policies that take packets from behind the router before they are handed to the device."""
    for connection, child in children:
        if child.mode == "pass" or child.if_id is not None:
            continue
        sources = [selector.prefix for selector in local_selectors(connection, child)]
        there = [selector.prefix for selector in remote_selectors(connection, child)]
        if _meet(sources, inner) and _meet(there, networks):
            yield f"{child.title}: its policy takes some of the packets before the device does"


def _meet(some: Iterable[Prefix], others: tuple[Prefix, ...]) -> bool:
    return any(one.family == other.family and one.overlaps(other) for one in some for other in others)


def unknown_selectors(plan: Plan) -> Iterator[tuple[Child, str]]:
    """Each child whose selectors nobody can know beforehand, and what is said of it."""
    for connection, child in every_child(plan):
        if not selectors_known(connection, child):
            yield child, f"{child.title}: its selectors depend on an address known only when the SA is up"
