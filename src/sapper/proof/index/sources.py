"""The source address that the kernel gives a packet of its own, for an interval of destinations in many situations.

Mirrors ``source_for`` of :mod:`sapper.proof.walk.routing`. For IPv6 the choice depends on the destination (RFC 6724 5), so
the interval is cut where it changes; but where no policy asks which source it is, any that is there will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.address import Address, Attached, Family
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Link, Plan, Route
from sapper.proof.facts.destination_nat import aims_of
from sapper.proof.facts.policy_routing import leading_marks
from sapper.proof.index.circumstance import ALWAYS, Fact, Product, first_of
from sapper.proof.index.links import Links
from sapper.proof.index.policies import Policies
from sapper.proof.sets.intervals import Interval, Intervals
from sapper.proof.walk.routing import _LABELS, _label


class Chosen(NamedTuple):
    """``source`` None: the router has none."""

    destinations: Interval
    product: Product
    source: Address | None


class Sources:
    """Looked up for each packet of the router's own."""

    def __init__(self, plan: Plan, links: Links, policies: Policies) -> None:
        self._links = links
        self._policies = policies
        self._guarded = bool(plan.guards)
        ends = [outer for outer in map(ends_of, plan.links) if outer is not None]
        self._to_itself = any(links.carriers(remote) for outer in ends for remote in outer.remotes)
        self._doubtful = any(rule.unmodelled for rule in plan.source_nat)
        self._marked = {rule.family for rule in leading_marks(plan.marks, plan.rules)}
        self._aimed = bool(aims_of(plan))
        self._anyone: dict[Family, list[tuple[Product, Address | None]]] = {}

    def forget(self) -> None:
        """Addresses have changed."""
        self._anyone.clear()

    def of(self, route: Route, name: str, family: Family, destinations: Interval) -> list[Chosen]:
        """The sources for a packet to these destinations by that route and interface."""
        if route.source is not None:
            return [Chosen(destinations, (), route.source)]
        link = self._links.by_name.get(name)
        own = [item for item in (link.addresses if link else ()) if item.address.family == family]
        if family == 4:
            if own:
                return [Chosen(destinations, (), _of_link(route, own))]
            return [Chosen(destinations, *one) for one in self._any(4)]
        if len(own) == 1:
            return [Chosen(destinations, (), own[0].address)]
        if not own and not self._matters(link, destinations):
            return [Chosen(destinations, *one) for one in self._any(6)]
        candidates = [(ALWAYS, item) for item in reversed(own)] if own else list(self._others())
        return list(_best(destinations, candidates))

    def indifferent(self, family: Family, destinations: Interval, sources: Intervals, room: int) -> bool:
        """Whether packets to these destinations fare alike whether the router or one of the sources sends them.

        Nobody asks for the source: no policy on the way out or for what is forwarded, no policy of a VTI, no guard, no
        mark, no destination NAT; and source NAT could only change what nobody asks for.
        """
        if self._guarded or self._to_itself or family in self._marked:
            return False
        if (family == 4 and (self._doubtful or self._aimed)) or self._policies.bound_by_source:
            return False
        if any(source is None for _, source in self._any(family)):
            return False
        spread = (sources[0][0], sources[-1][1])
        return not self._policies.any_towards(family, destinations) and not self._policies.towards(
            None, family, spread, destinations, room
        )

    def _any(self, family: Family) -> list[tuple[Product, Address | None]]:
        """The first address of the first link that is up."""
        found = self._anyone.get(family)
        if found is None:
            names = self._links.first_with_address[family]
            chosen, left = first_of(self._first(name, family) for name in names)
            found = self._anyone[family] = [*chosen, *((product, None) for product in left)]
        return found

    def _first(self, name: str, family: Family) -> tuple[Fact, Address | None]:
        address = self._links.first_address(name, family)
        there = self._links.up(name) if family == 4 or address is None else self._links.local(address)
        return there, address

    def _matters(self, link: Link | None, destinations: Interval) -> bool:
        """Whether something on the way asks which IPv6 source it is."""
        if_ids = {None, link.if_id} if link is not None and link.kind == "xfrm" else {None}
        return self._guarded or any(self._policies.ask_source(if_id, 6, destinations) for if_id in if_ids)

    def _others(self) -> Iterator[tuple[Fact, Attached]]:
        for name in self._links.first_with_address[6]:
            for attached in reversed(self._links.by_name[name].addresses):
                if attached.address.family == 6:
                    yield self._links.local(attached.address), attached


def _of_link(route: Route, own: list[Attached]) -> Address:
    for attached in own:
        if route.via is not None and route.via in attached.prefix:
            return attached.address
    return own[0].address


def _best(destinations: Interval, candidates: list[tuple[Fact, Attached]]) -> Iterator[Chosen]:
    for low, high in _pieces(destinations, [item for _, item in candidates]):
        there = Address(6, low)
        ranked = sorted(candidates, key=lambda one: _rank(one[1], there), reverse=True)
        chosen, left = first_of((fact, attached.address) for fact, attached in ranked)
        yield from (Chosen((low, high), product, address) for product, address in chosen)
        yield from (Chosen((low, high), product, None) for product in left)


def _rank(own: Attached, there: Address) -> tuple[bool, int]:
    common = min(128 - (own.address.value ^ there.value).bit_length(), own.length)
    return _label(own.address) == _label(there), common


def _pieces(destinations: Interval, candidates: list[Attached]) -> Iterator[Interval]:
    """The interval, cut where a label or the length that is common with a candidate changes."""
    low, high = destinations
    blocks = [(prefix.first, prefix.last) for prefix, _ in _LABELS]
    for attached in candidates if len(candidates) > 1 else ():
        value = attached.address.value
        for length in range(1, attached.length + 1):
            rest = (1 << 128 - length) - 1
            blocks.append((value & ~rest, value | rest))
    edges = {edge for first, last in blocks for edge in (first, last + 1) if low < edge <= high}
    starts = sorted({low, *edges})
    return zip(starts, [start - 1 for start in starts[1:]] + [high], strict=True)
