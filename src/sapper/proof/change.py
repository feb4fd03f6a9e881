"""What is different between two Plans of the same shape, and whether a difference stays where it is.

A difference is local if everything that holds for the whole Plan still holds: what was assumed, who is trusted, what the
network may do, where charon finds its peers. Only tunnels, VTIs, WireGuard devices, static routes and connections may
change locally; whatever is not known to be local is not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import compress
from operator import is_not
from typing import NamedTuple

from sapper.address import Address, Family, Prefix
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import MAIN_TABLE, TUNNEL_KINDS, Child, Connection, Link, Plan, Route
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.over_sets.cases import Origins
from sapper.proof.states.effective import local_selectors, remote_selectors, selectors_known

_KINDS = TUNNEL_KINDS | {"xfrm", "wireguard"}
_MANY = 64


class Change(NamedTuple):
    """Positions in the Plan's tuples."""

    links: list[int]
    routes: list[int]
    connections: list[int]


def between(old: Plan, new: Plan) -> Change | None:
    """Where the two differ; None if anything differs but some links, routes and connections in their places."""
    places: dict[str, list[int]] = {name: [] for name in Change._fields}
    for name in Plan.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if before is after:
            continue
        if name not in places:
            if before != after:
                return None
            continue
        if len(before) != len(after):
            return None
        others = compress(range(len(before)), map(is_not, before, after))
        places[name] = [at for at in others if before[at] != after[at]]
        if len(places[name]) > _MANY:
            return None
    return Change(**places)


class Locality:
    """Judges differences from one indexed Plan to which nothing had to be added."""

    def __init__(self, index: PlanIndex, origins: Origins) -> None:
        self._index = index
        self._origins = origins
        plan = index.plan
        self._families = {
            route.prefix.family for route in plan.routes if route.table == MAIN_TABLE and route.prefix.length == 0
        }
        self._ends = Counter(outer.local for outer in map(ends_of, plan.links) if outer is not None)
        self._ends.update(address for connection in plan.connections for address in connection.local_addrs)
        self._targets: dict[Family, list[int]] = {4: [], 6: []}
        for connection in plan.connections:
            for prefix in _targets(connection):
                self._targets[prefix.family].append(prefix.first)
        for values in self._targets.values():
            values.sort()

    def link(self, old: Link, new: Link) -> bool:
        """Whether nothing but this device becomes another one."""
        same = ("name", "kind", "up", "raised_by", "master", "parent", "dynamic", "if_id")
        if old.kind not in _KINDS or any(getattr(old, word) != getattr(new, word) for word in same):
            return False
        families = {item.address.family for item in new.addresses}
        if families != {item.address.family for item in old.addresses} or not families <= self._families:
            return False
        before, after = ends_of(old), ends_of(new)
        if before is not None and after is not None:
            if before.link != after.link or not self._ends_stay(before.local, after.local):
                return False
            for far in (*before.remotes, *after.remotes):
                if self._index.links.carriers(far) or far.family not in self._families:
                    return False
        changed = set(map(str, old.addresses)) ^ set(map(str, new.addresses))
        return all(
            self._address(item.address, item.prefix)
            for item in (*old.addresses, *new.addresses)
            if str(item) in changed
        )

    def _ends_stay(self, before: Address | None, after: Address | None) -> bool:
        """Whether the same interfaces are underlays, and no address is missing."""
        if before == after:
            return True
        trust, links = self._index.trust, self._index.links
        if after is not None:
            carriers = links.carriers(after)
            if not carriers or any(name in trust.wired and name not in trust.underlays for name in carriers):
                return False
        wired = before is not None and any(name in trust.wired for name in links.carriers(before))
        return not wired or self._ends[before] > 1

    def _address(self, address: Address, prefix: Prefix) -> bool:
        """Whether nobody else needs the address, or finds something by its network."""
        return not self._ends[address] and not self._index.fib.chose_from(address) and self.way(prefix)

    def way(self, prefix: Prefix) -> bool:
        """Whether charon finds no peer by a route to that prefix."""
        values = self._targets[prefix.family]
        at = bisect_left(values, prefix.first)
        return prefix.length > 0 and (at == len(values) or values[at] > prefix.last)

    def route(self, old: Route, new: Route) -> bool:
        """Whether it is one static route for another in the main table."""
        return all(
            route.table == MAIN_TABLE
            and not route.assumed
            and route.prefix.family in self._families
            and (route.link is None or route.link in self._index.links.by_name)
            and self.way(route.prefix)
            for route in (old, new)
        )

    def connection(self, old: Connection, new: Connection) -> bool:
        """Whether it is the same connection with other details."""
        if (old.name, old.local_addrs, bool(old.local_addrs)) != (new.name, new.local_addrs, True):
            return False
        if list(map(_identity, old.children)) != list(map(_identity, new.children)):
            return False
        return all(
            selectors_known(connection, child) and self._selectors(connection, child)
            for connection in (old, new)
            for child in connection.children
        ) and all(address.family in self._families for address in new.remote_addrs)

    def _selectors(self, connection: Connection, child: Child) -> bool:
        """Whether the child selects no packet that every entry sends."""
        if child.if_id is not None:
            return True
        sides = (*local_selectors(connection, child), *remote_selectors(connection, child))
        if not {selector.prefix.family for selector in sides} <= self._families:
            return False
        return not any(
            selector.prefix.length == 0 or self._met_behind(selector.prefix)
            for selector in remote_selectors(connection, child)
        )

    def _met_behind(self, prefix: Prefix) -> bool:
        sources = self._origins.sources[prefix.family]
        return any(first <= prefix.last and prefix.first <= last for first, last in sources)


def _identity(child: Child) -> tuple[str, str, bool, int | None, str | None]:
    return child.name, child.title, child.mode == "pass", child.if_id, child.updown


def _targets(connection: Connection) -> Iterator[Prefix]:
    """What charon looks up the way to, for its routes."""
    yield from map(Prefix.host, connection.remote_addrs)
    for child in connection.children:
        if child.mode == "pass":
            yield from (selector.prefix for selector in remote_selectors(connection, child))
