"""Write routes in the order in which a kernel can take them, and several ways of one metric as the kernel wants them.

Routes without a gateway come first, because they may be the way to one. Ways that differ in their next hop only are
one IPv4 route with a list of next hops, which grows by one with each; IPv6 routes are appended to one another. A way
that is not there yet (its device is down) is skipped and given back.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable

from sapper.address import Prefix
from sapper.kernel.plan import Plan, Route
from sapper.live.netlink.connection import NetlinkConnection
from sapper.live.netlink.message import Request
from sapper.live.netlink.route import add_route, append_route, replace_ways

# What the kernel says of a route whose way is not there (yet): its device is down, or its gateway cannot be reached.
NO_WAY = frozenset({errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTUNREACH})

IndexOf = Callable[[str], int]


def place(route: Route) -> tuple[str, Prefix, int, int]:
    """What a kernel holds one route for; several routes of one place share the traffic."""
    return route.kind, route.prefix, route.table, route.metric


def with_siblings(plan: Plan, chosen: Iterable[Route]) -> tuple[Route, ...]:
    """The chosen routes, and the Plan's others that share a place with one of them."""
    wanted = set(chosen)
    places = {place(route) for route in wanted}
    return tuple(route for route in plan.routes if route in wanted or place(route) in places)


def add_ways(
    routes: Iterable[Route], connection: NetlinkConnection, index_of: IndexOf, *, again: bool = False
) -> list[Route]:
    """Add them and return those without a way. ``again``: one that is there already is fine. Raises KernelRefused."""
    groups: dict[tuple[str, Prefix, int, int], list[Route]] = {}
    for route in dict.fromkeys(routes):
        groups.setdefault(place(route), []).append(route)
    tolerated = frozenset({errno.EEXIST}) if again else frozenset()
    skipped: list[Route] = []
    for with_gateway in (False, True):
        now = [group for group in groups.values() if all(route.via for route in group) == with_gateway]
        requests = {add_route(group[0], _out(group[0], index_of)): group[0] for group in now if len(group) == 1}
        skipped += _attempt(requests, connection, tolerated)
        for group in now:
            if len(group) > 1:
                add = _add_next_hops if group[0].prefix.family == 4 else _append
                skipped += add(group, connection, index_of, tolerated)
    return skipped


def _attempt(
    requests: dict[Request, Route], connection: NetlinkConnection, tolerated: frozenset[int]
) -> list[Route]:
    skipped = []
    for request, refusal in connection.attempt(requests):
        if refusal.errno in tolerated:
            continue
        if requests[request].kind != "unicast" or refusal.errno not in NO_WAY:
            raise refusal
        skipped.append(requests[request])
    return skipped


def _add_next_hops(
    group: list[Route], connection: NetlinkConnection, index_of: IndexOf, tolerated: frozenset[int]
) -> list[Route]:
    """One next hop more at a time: a list with one that is down would be refused as a whole."""
    there: list[tuple[Route, int]] = []
    skipped = []
    for route in group:
        grown = [*there, (route, _out(route, index_of) or 0)]
        if _attempt({replace_ways(grown): route}, connection, tolerated):
            skipped.append(route)
        else:
            there = grown
    return skipped


def _append(
    group: list[Route], connection: NetlinkConnection, index_of: IndexOf, tolerated: frozenset[int]
) -> list[Route]:
    skipped = []
    for route in group:
        skipped += _attempt({append_route(route, _out(route, index_of)): route}, connection, tolerated)
    return skipped


def _out(route: Route, index_of: IndexOf) -> int | None:
    return None if route.link is None else index_of(route.link)
