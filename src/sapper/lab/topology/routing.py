"""Routing daemons of a topology: what a sketch's routing protocol means on each router.

What is learnt from the far end must not be configured beforehand, so static routes through those interfaces are left
out; and what is announced are the router's inner networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sapper.address import Address
from sapper.kernel.plan import MAIN_TABLE, Link, Plan, Route
from sapper.lab.topology.sketch import Routing
from sapper.lab.topology.value import RoutingDaemon
from sapper.proof.properties.bypass import inner_links

_DISTANCES = 256
_FIRST_ASN = 65001  # private use (RFC 6996)


def without_static(plan: Plan, routing: Iterable[Routing]) -> Plan:
    """The Plan without the static routes that a routing protocol is to bring."""
    names = {name for item in routing if item.router == plan.name for name in item.interfaces}
    links = [link for link in plan.links if link.name in names]
    if not links:
        return plan
    kept = (route for route in plan.routes if not any(_through(route, link) for link in links))
    return msgspec.structs.replace(plan, routes=tuple(map(_for_zebra, kept)))


def _for_zebra(route: Route) -> Route:
    """A blackhole with its distance where zebra looks for it: in the metric's highest byte (zebra/rt_netlink.c).

    Else zebra takes any route of the kernel's for better than all that it learns.
    """
    if route.kind == "unicast" or not 0 < route.metric < _DISTANCES:
        return route
    return msgspec.structs.replace(route, metric=route.metric << 24)


def _through(route: Route, link: Link) -> bool:
    if route.kind != "unicast" or route.table != MAIN_TABLE:
        return False
    if route.link is not None:
        return route.link == link.name
    return route.via is not None and any(route.via in item.prefix for item in link.addresses)


def daemons_of(routing: Iterable[Routing], plans: Sequence[Plan]) -> tuple[RoutingDaemon, ...]:
    """The daemons, one for each protocol of each router. Raises ValueError with one line."""
    wanted = list(routing)
    ranks = {plan.name: at for at, plan in enumerate(plans)}
    numbers = {
        item.router: item.asn or _FIRST_ASN + ranks[item.router] for item in wanted if item.protocol == "bgp"
    }
    return tuple(_daemon(item, plans, numbers, ranks[item.router]) for item in wanted)


def _daemon(item: Routing, plans: Sequence[Plan], numbers: dict[str, int], rank: int) -> RoutingDaemon:
    plan = plans[rank]
    links = [link for link in plan.links if link.name in item.interfaces]
    missing = sorted(set(item.interfaces) - {link.name for link in links})
    if missing:
        raise ValueError(f"{item.router} has no interface {missing[0]} for {item.protocol}")
    inner = inner_links(plan)
    networks = item.networks
    if networks is None:
        networks = tuple(dict.fromkeys(item.prefix for link in inner for item in link.addresses))
    return RoutingDaemon(
        router=item.router,
        protocol=item.protocol,
        links=tuple(link.name for link in links),
        identifier=_identifier(plan, rank),
        networks=tuple(map(str, networks)),
        passive=tuple(link.name for link in inner if link.addresses),
        asn=numbers.get(item.router, _FIRST_ASN + rank),
        neighbours=tuple(_neighbours(links, plans, numbers, plan.name)),
    )


def _identifier(plan: Plan, rank: int) -> Address:
    own = [item.address for link in plan.links for item in link.addresses if item.address.family == 4]
    return own[0] if own else Address(4, (10 << 24) + rank + 1)


def _neighbours(
    links: Sequence[Link], plans: Sequence[Plan], numbers: dict[str, int], router: str
) -> list[tuple[Address, int]]:
    """The other BGP speakers that have an address in one of the links' networks."""
    return [
        (far.address, numbers[plan.name])
        for plan in plans
        if plan.name != router and plan.name in numbers
        for link in plan.links
        for far in link.addresses
        if any(far.address in near.prefix for mine in links for near in mine.addresses)
    ]
