"""Route lookup for an interval of destinations in many situations at once.

Mirrors :mod:`sapper.proof.walk.routing`: the tables in the order of the rules; longest prefix, then the lowest metric; equal
routes share the traffic, so each of them comes back; the network may announce a better route on a dynamic
interface. Where a route may be absent, the rest of the situations goes on to the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import MAIN_TABLE, Route
from sapper.proof.bounds import ENTRY_STEPS, Meter, Unbounded
from sapper.proof.facts.policy_routing import tables_in_order
from sapper.proof.index.circumstance import MOVE, Circumstance, Product, narrowed, united
from sapper.proof.index.fib import Held, Way
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.sets.intervals import Interval
from sapper.proof.walk.routing import _stands


class Hit(NamedTuple):
    """``route`` and ``link`` None: no route. ``link`` None alone: a route that drops."""

    destinations: Interval
    when: Circumstance
    route: Route | None
    link: str | None


class _Asked(NamedTuple):
    """``preferred``: a device that is only a preference among equal routes. ``meter`` counts what is looked at."""

    bound_to: str | None
    preferred: str | None
    meter: Meter


class Lookup:
    """What the tables of the Plan say about destinations, in every situation at once."""

    def __init__(self, index: PlanIndex) -> None:
        self._index = index
        self._tables = index.fib.tables
        self._made: dict[tuple[str, Family], Route] = {}
        self._orders: dict[tuple[Family, int], tuple[int, ...]] = {}

    def ways(
        self,
        family: Family,
        destinations: Interval,
        when: Circumstance,
        bound_to: str | None = None,
        wish: bool = False,
        room: int = ENTRY_STEPS,
        mark: int = 0,
    ) -> list[Hit]:
        """What may happen to packets for these destinations; disjoint, but for equal routes.

        ``wish``: to an IPv6 lookup with a source a device is only a preference among equal routes. Raises
        :class:`Unbounded` for more than ``room`` routes.
        """
        preferred = bound_to if wish and family == 6 else None
        asked = _Asked(None if preferred else bound_to, preferred, self._index.meter)
        low, high = destinations
        if low != high and any(
            index.crowded(low, high, room) for (_, kind), index in self._tables.items() if kind == family
        ):
            raise Unbounded
        out: list[Hit] = []
        order = self._orders.get((family, mark))
        if order is None:
            order = self._orders[family, mark] = tables_in_order(self._index.rules, family, mark)
        self._below(order, family, destinations, when, asked, out)
        return out if bound_to is None or family != 4 else self._on_link(out, bound_to)

    def _below(
        self,
        tables: tuple[int, ...],
        family: Family,
        destinations: Interval,
        when: Circumstance,
        asked: _Asked,
        out: list[Hit],
    ) -> None:
        """The first of the tables, and in the situations in which it has no route the next one."""
        nothing: list[tuple[Interval, list[Held]]] = [(destinations, [])]
        at, hijacked, pieces = -1, False, nothing
        while pieces == nothing and not hijacked:
            at += 1
            if at == len(tables):
                out.append(Hit(destinations, when, None, None))
                return
            asked.meter.take(1)
            table = self._tables.get((tables[at], family))
            hijacked = bool(self._index.hijacks) and tables[at] == MAIN_TABLE
            pieces = table.segments(*destinations) if table is not None else nothing
        for piece, chain in pieces:
            asked.meter.take(1)
            hits, left = _descend(chain, when, asked)
            for circumstance, way, link in hits:
                hit = Hit(piece, circumstance, way.route, link)
                if hijacked:
                    out += self._announced(family, hit, way, asked.bound_to)
                else:
                    out.append(hit)
            missed = [Hit(piece, rest, None, None) for rest in left]
            if hijacked:
                missed = [hit for one in missed for hit in self._announced(family, one, None, asked.bound_to)]
            for hit in missed:
                if hit.route is None:
                    self._below(tables[at + 1 :], family, piece, hit.when, asked, out)
                else:
                    out.append(hit)

    def _announced(self, family: Family, hit: Hit, way: Way | None, bound_to: str | None) -> Iterator[Hit]:
        """The hit, or the route that the network announces where it may announce a better one."""
        if way is not None and _stands([way.route]):
            yield hit
            return
        calm = narrowed(hit.when, self._index.no_hijack)
        if calm is not None:
            yield hit._replace(when=calm)
        for bit, name, up in self._index.hijacks:
            moved = narrowed(hit.when, ((MOVE, bit),))
            if moved is None:
                continue
            if bound_to not in (None, name):
                yield hit._replace(when=moved)
                continue
            for product in up.holds:
                taken = narrowed(moved, product)
                if taken is not None:
                    yield Hit(hit.destinations, taken, self._by(name, family), name)
            for product in up.fails:
                kept = narrowed(moved, product)
                if kept is not None:
                    yield hit._replace(when=kept)

    def _on_link(self, found: list[Hit], bound_to: str) -> list[Hit]:
        """A lookup with a device takes the destination for a neighbour there at worst (IPv4)."""
        up = self._index.links.up(bound_to)
        out: list[Hit] = []
        for hit in found:
            if hit.link is not None:
                out.append(hit)
                continue
            taken = (narrowed(hit.when, product) for product in up.holds)
            by = self._by(bound_to, 4)
            out += [Hit(hit.destinations, when, by, bound_to) for when in taken if when is not None]
            kept = (narrowed(hit.when, product) for product in up.fails)
            out += [hit._replace(when=when) for when in kept if when is not None]
        return out

    def _by(self, name: str, family: Family) -> Route:
        route = self._made.get((name, family))
        if route is None:
            route = self._made[name, family] = Route(prefix=Prefix.host(Address(family, 0)), link=name)
        return route


# More products of one outcome than that are put together where they can be.
_MANY = 16
_Found = list[tuple[Circumstance, Way, str | None]]


def _descend(chain: list[Held], when: Circumstance, asked: _Asked) -> tuple[_Found, list[Circumstance]]:
    """Down the prefixes and metrics until every situation has a route; and the situations that have none."""
    hits: _Found = []
    left = [when]
    for held in chain:
        at = 0
        while at < len(held):
            end = at + 1
            while end < len(held) and held[end].metric == held[at].metric:
                end += 1
            if asked.preferred is not None and end > at + 1:
                left = _preferring(held[at:end], left, asked.preferred, asked.meter, hits)
            else:
                left = _equal_routes(held[at:end], left, asked, hits)
            if not left:
                return hits, left
            at = end
    return hits, left


def _equal_routes(equal: list[Way], left: list[Circumstance], asked: _Asked, hits: _Found) -> list[Circumstance]:
    """Append what the routes of one prefix and metric catch; the situations in which all of them are absent."""
    bound_to = asked.bound_to
    if bound_to is not None:
        # What drops counts only where no route by the device is.
        equal = sorted(equal, key=lambda way: way.route.kind != "unicast")
    offered = rest = left
    many = _MANY
    for way in equal:
        absent: list[Product] = list(way.absent)
        drops = way.route.kind != "unicast"
        asked.meter.take(_looks(rest, len(absent)) + _looks(offered, len(way.leads)))
        source = rest if bound_to is not None and drops else offered
        for product, link in way.leads:
            if bound_to is not None and link != bound_to and (not drops or way.route.prefix.family == 6):
                absent.append(product)
                continue
            for circumstance in source:
                caught = narrowed(circumstance, product)
                if caught is not None:
                    hits.append((caught, way, link))
        if absent == [()]:
            continue
        open_ = (narrowed(circumstance, product) for circumstance in rest for product in absent)
        rest = [circumstance for circumstance in open_ if circumstance is not None]
        if len(rest) > many:
            asked.meter.take(_looks(rest, len(rest[0])))
            rest = united(rest)
            many = max(many, 2 * len(rest))
    return rest


def _looks(among: list[Circumstance], products: int) -> int:
    """What it costs to narrow these by so many products: a narrowed one is a copy."""
    return len(among) * products * (1 + len(among[-1]) // 4) if among else 0


def _preferring(
    equal: list[Way], left: list[Circumstance], preferred: str, meter: Meter, hits: _Found
) -> list[Circumstance]:
    """As :func:`_equal_routes`; those by one device win, unless the traffic is shared (rt6_score_route)."""
    together: list[tuple[Circumstance, tuple[tuple[Way, str | None], ...]]] = [(when, ()) for when in left]
    for way in equal:
        options: list[tuple[Product, tuple[tuple[Way, str | None], ...]]]
        options = [(product, ((way, link),)) for product, link in way.leads]
        options += [(product, ()) for product in way.absent]
        meter.take(_looks([when for when, _ in together], len(options)))
        tried = (
            (narrowed(when, product), (*there, *more)) for when, there in together for product, more in options
        )
        together = [(when, there) for when, there in tried if when is not None]
    rest = []
    for when, there in together:
        wanted = tuple((way, link) for way, link in there if link == preferred)
        shared = any(way.route.via is not None for way, _ in there)
        hits += [(when, way, link) for way, link in (wanted if wanted and not shared else there)]
        if not there:
            rest.append(when)
    return rest
