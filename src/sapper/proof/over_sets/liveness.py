"""Liveness over sets of packets, from the index: the reference's question, answered fast for every entry.

Mirrors :func:`sapper.proof.properties.liveness_verdict.settle`. The walks are those of all situations, since an outer packet's ends
are known from other properties already; only the ends in the one situation count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sapper.address import Address, Prefix
from sapper.kernel.plan import Connection, Link
from sapper.mtu.plan_index import PlanIndex as SizeIndex
from sapper.proof.index.circumstance import ANYTIME, Circumstance, Fact, mask_of
from sapper.proof.index.links import RAISED_BIT
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.over_sets.cases import Origins, SetCase
from sapper.proof.over_sets.ending import NO_TRAIL, Ending, end
from sapper.proof.over_sets.tally import UNCONFIRMED, Gaps
from sapper.proof.over_sets.walk import SetWalk
from sapper.proof.over_sets.witness import concrete_case, confirmed
from sapper.proof.properties.liveness import (
    UP,
    Terms,
    asked_with,
    carries,
    doubts_of,
    fails,
    not_asked,
    own_part,
    terms_of,
    up_in,
)
from sapper.proof.properties.liveness_assumed import assumed
from sapper.proof.properties.liveness_cases import device_cases, inner_networks, not_through, routed_to_vti
from sapper.proof.properties.liveness_room import no_room
from sapper.proof.properties.liveness_verdict import Seen, captured, concluded, unknown_selectors
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case
from sapper.proof.properties.return_paths import assumed_of_filters
from sapper.proof.properties.tally import Finding, _witness
from sapper.proof.sets.headers import ALL_PORTS, ALL_PROTOCOLS, Headers, Shape, cut, span
from sapper.proof.sets.intervals import Interval, Intervals, outside
from sapper.proof.states.events import Parties, events_into
from sapper.proof.verdict import PropertyVerdict, Witness

_UP_BIT = mask_of((UP,))
# The kinds of variables, each with its value there; the first move of the network is that it does nothing.
_BITS_IN_UP = {"row": _UP_BIT, "raised": RAISED_BIT, "move": 1}


class _Found(NamedTuple):
    case: SetCase
    ending: Ending


class Liveness:
    """Asks one Plan's entries; ``walk`` is the prover's own."""

    def __init__(self, index: PlanIndex, walk: SetWalk, origins: Origins, gaps: Gaps) -> None:
        self._index = index
        self._walk = walk
        self._origins = origins
        self._inner = inner_networks(index.plan)
        self._inner_of = {family: tuple(one for one in self._inner if one.family == family) for family in (4, 6)}
        self._spread = {
            family: (min(one.first for one in inner), max(one.last for one in inner))
            for family, inner in self._inner_of.items()
            if inner
        }
        self._situation = up_in(index.plan)
        # Such a connection is no local change (sapper.proof.change): these stay.
        self._unknown = tuple(unknown_selectors(index.plan))
        self._of_filters = assumed_of_filters(index.plan)
        self._missing = tuple(gap for some in gaps.of("liveness") for gap in some)
        self._sizes: SizeIndex | None = None
        self._plain: tuple[Connection, Terms, dict[str, frozenset[str]]] | None = None

    def verdict(
        self, entry: Entry, by_name: dict[str, Connection], frame: list[Ending] | None = None
    ) -> PropertyVerdict:
        """As the reference's :func:`settle`; ``frame``: the ends of a frame in the device, where they are known."""
        reason = not_asked(entry)
        if reason is not None:
            return PropertyVerdict(verdict="not-applicable", reason=reason)
        index, link = self._index, entry.link
        terms = self._terms(entry, lambda child: by_name.get(index.links.owner.get(child, "")))
        seen = self._seen(entry, terms, by_name, frame)
        seen.hidden = tuple(line for child, line in self._unknown if child.name in terms.own)
        others = tuple(child.title for child, _ in self._unknown if child.name not in terms.own)
        assumptions = (*index.plan.assumptions, *self._of_filters, *assumed(entry, others))
        return concluded(entry, seen, self._missing, self._room(link), assumptions)

    def _terms(self, entry: Entry, owner: Callable[[str], Connection | None]) -> Terms:
        """As :func:`terms_of`; what the plain children of one connection share is worked out once."""
        if entry.link is not None or len(entry.connections) != 1:
            return terms_of(entry, owner)
        connection = entry.connections[0]
        if self._plain is None or self._plain[0] is not connection:
            titled: dict[str, frozenset[str]] = {}
            for child in connection.children:
                if child.mode != "pass":
                    titled[child.title] = titled.get(child.title, frozenset()) | {child.name}
            self._plain = connection, terms_of(entry, owner), titled
        _, shared, titled = self._plain
        return shared._replace(own=titled.get(entry.name, frozenset()), owner=owner)

    def _room(self, link: Link | None) -> str | None:
        if link is None or link.master is None:
            return None
        plan = self._index.plan
        if self._sizes is None or self._sizes.plan is not plan:
            self._sizes = SizeIndex(plan)
        return no_room(self._sizes, link)

    def _networks(self, entry: Entry, link: Link) -> tuple[Prefix, ...]:
        return self._index.entries.networks(link) if self._index.plan.stated.protect else entry.networks

    def _seen(self, entry: Entry, terms: Terms, by_name: dict[str, Connection], frame: list[Ending] | None) -> Seen:
        seen = Seen()
        faults: list[_Found] = []
        others: list[_Found] = []
        for case, endings in self._walked(entry, frame):
            seen.classes += 1
            for ending in endings:
                if not in_up(ending.when):
                    continue
                doubts = (*ending.doubts, *doubts_of(terms, ending.kind, ending.link, ending.seals))
                if ending.kind == "unknown" or len(doubts) > len(ending.doubts):
                    seen.doubts |= dict.fromkeys(doubts)
                elif self._fails(terms, ending):
                    seen.doubts |= dict.fromkeys(doubts)
                    faults += [] if doubts else [_Found(case, ending)]
                elif ending.kind == "wire" and (entry.link is not None or terms.is_mine(ending.seals)):
                    seen.mine = True
                elif ending.kind == "wire" and ending.seals:
                    others.append(_Found(case, ending))
        if entry.link is not None:
            seen.doubts |= dict.fromkeys(self._captured(entry))
        if faults or (others and not seen.mine):
            self._show(seen, entry, terms, faults, others, by_name)
        return seen

    def _fails(self, terms: Terms, ending: Ending) -> bool:
        links = self._index.links.by_name
        headers = ending.headers
        return fails(
            terms,
            ending.kind,
            links.get(ending.link or ""),
            ending.seals,
            passing=ending.kind == "wire"
            and not ending.seals
            and headers is not None
            and self._is_let_pass(headers),
            hidden=headers is not None and headers.protected,
        )

    def _is_let_pass(self, headers: Headers) -> bool:
        """Whether the policy that decides about clear packets is a bypass; the walk has divided them by policies."""
        source = headers.source
        if source is None:
            return False
        spread = (source[0][0], source[-1][1])
        found = self._index.policies.towards(None, headers.family, headers.destination, spread, self._walk.room)
        for policy in found:
            if policy.present & _UP_BIT and cut(headers, policy.shape)[0] is not None:
                return policy.mode == "pass"
        return False

    def _show(
        self,
        seen: Seen,
        entry: Entry,
        terms: Terms,
        faults: list[_Found],
        others: list[_Found],
        by_name: dict[str, Connection],
    ) -> None:
        """Witnesses, confirmed by the walk of one packet."""
        parties = Parties(by_name, self._index.links.owner, self._index.links.by_name)
        events = events_into(parties, (connection.name for connection in entry.connections), own_part(entry))
        asked = asked_with(terms)
        if faults:
            seen.fault = self._confirmed(faults[0], asked.refutes, terms, events)
        elif not seen.mine:
            seen.other = self._confirmed(others[0], lambda kernel, end: bool(end.seals), terms, events)
        if seen.fault is None and seen.other is None:
            seen.doubts[UNCONFIRMED] = None

    def _confirmed(
        self, found: _Found, refutes: Callable[..., bool], terms: Terms, events: tuple[str, ...]
    ) -> Witness | None:
        asked = asked_with(terms)
        case = concrete_case(self._index, self._origins, found.case, found.ending)
        wanted = type(asked)(property="liveness", cases=(), ends=asked.ends, refutes=refutes)
        shown = confirmed(self._index, wanted, self._situation, case, found.ending)
        return None if shown is None else _witness(Finding(self._situation, case, shown, ()), events)

    def _walked(self, entry: Entry, frame: list[Ending] | None) -> Iterator[tuple[SetCase, list[Ending]]]:
        link = entry.link
        if link is None:
            for case in self._flow_cases(entry):
                assert case.headers is not None
                yield case, self._walk.walk(case.headers)
            return
        networks = self._networks(entry, link)
        for one in device_cases(entry, link, networks):
            case = SetCase(
                enters=one.enters, headers=_headers(one), device=link, network=one.network, packet=one.packet
            )
            yield case, self._of_device(one, case, frame)
        for network, source in routed_to_vti(entry, link, networks, self._inner):
            sources = ((source.value, source.value),)
            headers = Headers(network.family, sources, span(network), ALL_PROTOCOLS, ALL_PORTS, ALL_PORTS)
            case = SetCase(enters=link.name, headers=headers, device=link, network=network)
            yield case, self._walk.hand_to_device(link, headers)

    def _of_device(self, one: Case, case: SetCase, frame: list[Ending] | None) -> list[Ending]:
        """The ends of a packet (or frame); lost is what the device is not meant for.

        An outer packet is the same whatever is inside: the frame's ends, which come first, stand for all.
        """
        device = one.device
        assert device is not None
        lost = end("dropped", case.headers, ANYTIME, NO_TRAIL.through(device.name))
        if not holds_in_up(self._index.links.up(device.name)) or not carries(device, one):
            return [lost]
        wrapping = device.encapsulating
        if one.packet is None and frame is not None:
            return frame
        if one.packet is not None and wrapping is not None and one.packet.source != wrapping.remote:
            return []
        return self._walk.hand_to_device(device, case.headers)

    def _captured(self, entry: Entry) -> Iterator[str]:
        """Found by the index, judged by the reference's own word."""
        assert entry.link is not None
        for network in self._networks(entry, entry.link):
            spread = self._spread.get(network.family)
            if spread is None:
                continue
            self._walk.footprint.spans.add((network.family, span(network)))
            found = self._index.policies.towards(None, network.family, span(network), spread, self._walk.room)
            if found:
                children = {policy.child.name: (policy.connection, policy.child) for policy in found}
                yield from captured(children.values(), (network,), self._inner_of[network.family])

    def _flow_cases(self, entry: Entry) -> Iterator[SetCase]:
        """The flows of the selectors, without what does not pass the router."""
        for local, remote in entry.flows:
            family = remote.prefix.family
            near, far = not_through(local.prefix, remote.prefix, self._inner)
            own = self._index.links.own_within(family, remote.prefix.first, remote.prefix.last)
            here = (*far, *(Prefix.host(Address(family, value)) for value in own))
            sources = _without(span(local.prefix), near)
            for piece in _without(span(remote.prefix), here) if sources else ():
                whole = Headers(family, sources, piece, ALL_PROTOCOLS, ALL_PORTS, ALL_PORTS)
                headers = cut(whole, Shape.of(local, remote))[0]
                if headers is not None:
                    yield SetCase(enters="local", headers=headers, network=remote.prefix)


def _without(whole: Interval, prefixes: tuple[Prefix, ...]) -> Intervals:
    left: Intervals = (whole,)
    for prefix in prefixes:
        left = outside(left, prefix.first, prefix.last)
    return left


def _headers(case: Case) -> Headers | None:
    packet = case.packet
    if packet is None:
        return None
    source, there = packet.source, packet.destination
    sources = None if source is None else ((source.value, source.value),)
    return Headers(there.family, sources, (there.value, there.value), 1 << packet.protocol)


def in_up(when: Circumstance) -> bool:
    """Whether the circumstance can be with every SA up, every VTI raised and the network undisturbed."""
    return all(mask & _BITS_IN_UP[variable[0]] for variable, mask in when.items())


def holds_in_up(fact: Fact) -> bool:
    """Whether a fact holds in that situation."""
    return any(in_up(dict(product)) for product in fact.holds)
