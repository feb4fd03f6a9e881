"""Static routes of the tree to routes of the Router, of both families and of every numbered table.

One prefix may have several ways; each becomes a record of its own. A way that is disabled is left out, and so is a
prefix or a next hop that is none: the finding about the value says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Prefix
from sapper.model.branch import Branch
from sapper.model.build_interfaces import address_of
from sapper.model.routing import RouteKind, StaticRoute

MAIN_TABLE = 254

_UNREACHED: tuple[tuple[str, RouteKind], ...] = (("blackhole", "blackhole"), ("reject", "unreachable"))


def build_routes(root: Branch) -> tuple[StaticRoute, ...]:
    """All static routes in order of writing, the main table first."""
    static = root.below("protocols", "static")
    if static is None:
        return ()
    routes = list(_routes(static, MAIN_TABLE))
    for table in static.each("table"):
        if table.name.isascii() and table.name.isdigit() and len(table.name) <= 3:
            routes.extend(_routes(table, int(table.name)))
    return tuple(routes)


def _routes(above: Branch, table: int) -> Iterator[StaticRoute]:
    for family, word in ((4, "route"), (6, "route6")):
        for branch in above.each(word):
            try:
                prefix = Prefix.parse(branch.name)
            except ValueError:
                continue
            if prefix.family == family:
                yield from _ways(branch, prefix, table)


def _ways(branch: Branch, prefix: Prefix, table: int) -> Iterator[StaticRoute]:
    for hop in branch.each("next-hop"):
        address = address_of(hop.name)
        if address is not None and address.family == prefix.family and not hop.has("disable"):
            yield StaticRoute(
                prefix=prefix,
                origin=hop.origin,
                next_hop=address,
                interface=hop.text("interface"),
                distance=_distance(hop),
                table=table,
            )
    for way in branch.each("interface"):
        if not way.has("disable"):
            yield StaticRoute(
                prefix=prefix, origin=way.origin, interface=way.name, distance=_distance(way), table=table
            )
    for word, kind in _UNREACHED:
        found = branch.below(word)
        if found is not None:
            yield StaticRoute(prefix=prefix, origin=found.origin, kind=kind, distance=_distance(found), table=table)


def _distance(branch: Branch) -> int:
    return branch.number("distance") or 1
