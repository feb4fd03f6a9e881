"""Which routes a kernel takes right after the commit, which have no way yet, and which rules it has anyway.

A route through a VTI belongs to the updown script that raises it; one through a disabled link belongs to nobody.
Routes without a gateway come first, because they may be the way to one. Mirrors what the kernel refuses with
ENETDOWN and ENETUNREACH (net/ipv4/fib_semantics.c, fib_check_nh; net/ipv6/route.c, ip6_route_check_nh).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sapper.address import Address, Prefix
from sapper.kernel.plan import MAIN_TABLE, Link, Plan, Route, Rule
from sapper.render.inexpressible import Inexpressible

# Priority, table, family: local, main, default (net/ipv4/fib_rules.c, net/ipv6/fib6_rules.c).
_KERNELS_OWN = frozenset(
    {(0, 255, 4), (32766, MAIN_TABLE, 4), (32767, 253, 4), (0, 255, 6), (32766, MAIN_TABLE, 6)}
)


class Routes(NamedTuple):
    ready: tuple[Route, ...]
    waiting: tuple[Route, ...]


def routes_of(plan: Plan) -> Routes:
    """All routes of the Plan; both parts in the order in which they can be added."""
    ordered = sorted(plan.routes, key=lambda route: route.via is not None)
    ready: list[Route] = []
    waiting: list[Route] = []
    for route in ordered:
        (ready if _has_way(plan, route, ready) else waiting).append(route)
    return Routes(tuple(ready), tuple(waiting))


def routes_through(plan: Plan, link: Link) -> tuple[Route, ...]:
    """The unicast routes that need this link: by its name, or by a gateway in one of its prefixes."""
    return tuple(
        route
        for route in plan.routes
        if route.kind == "unicast" and (route.link == link.name if route.link else reaches(link, route))
    )


def together(routes: Iterable[Route]) -> list[tuple[Route, ...]]:
    """The routes, those that share the traffic for one prefix (same table and metric) as one group; order is kept."""
    groups: dict[tuple[str, Prefix, int, int], list[Route]] = {}
    for route in dict.fromkeys(routes):
        groups.setdefault((route.kind, route.prefix, route.table, route.metric), []).append(route)
    return [tuple(group) for group in groups.values()]


def common_source(group: tuple[Route, ...]) -> Address | None:
    """The source address of routes that are one. Raises Inexpressible where they have several."""
    if len({route.source for route in group}) > 1:
        raise Inexpressible(f"route {group[0].prefix}", "several next hops with source addresses of their own")
    return group[0].source


def reaches(link: Link, route: Route) -> bool:
    """Whether the route's gateway lies in one of the link's own prefixes."""
    return route.via is not None and any(route.via in attached.prefix for attached in link.addresses)


def waiting_sentence(plan: Plan, route: Route) -> str:
    """Why a route is not added right away, and who adds it."""
    if route.link is not None and plan.link(route.link) is None:
        return f"not here: route {described(route)}: there is no link {route.link}"
    through = [link for link in plan.links if link.name == route.link] or [
        link for link in plan.links if route.via and any(route.via in each.prefix for each in link.addresses)
    ]
    if through and through[0].raised_by:
        return f"not here: route {described(route)}: the updown script of {through[0].name} adds it (swanctl)"
    if through and not through[0].up:
        return f"not here: route {described(route)}: {through[0].name} is down, and takes no route"
    return f"not here: route {described(route)}: nothing of this configuration leads to its gateway"


def kernels_own(rule: Rule) -> bool:
    """Whether every kernel has this rule from the start."""
    return rule.mark is None and (rule.priority, rule.table, rule.family) in _KERNELS_OWN


def described(route: Route) -> str:
    """The route in iproute2's words, for a comment."""
    words = [str(route.prefix)] if route.kind == "unicast" else [route.kind, str(route.prefix)]
    if route.via is not None:
        words += ["via", str(route.via)]
    if route.link is not None:
        words += ["dev", route.link]
    if route.table != MAIN_TABLE:
        words += ["table", str(route.table)]
    return " ".join(words)


def _has_way(plan: Plan, route: Route, before: list[Route]) -> bool:
    if route.kind != "unicast":
        return True
    link = plan.link(route.link) if route.link else None
    if route.link is not None and (link is None or not link.up):
        return False
    if route.via is None or route.onlink:
        return True
    if link is not None and route.via.family == 6 and route.via.value >> 118 == 0x3FA:  # fe80::/10 is on every link
        return True
    links = [link] if link is not None else [each for each in plan.links if each.up]
    return any(reaches(each, route) for each in links) or any(
        other.via is None
        and other.kind == "unicast"
        and route.via in other.prefix
        and other.table in (route.table, MAIN_TABLE)
        for other in before
    )
