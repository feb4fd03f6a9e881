"""Static routes to the kernel's: the distance serves as metric, so that the kernel prefers what FRR would.

Connected IPv6 routes have a metric of 256 where VyOS' routing daemon gives every connected route the distance 0. A
VRF's routes are in its own table.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.kernel import link_pppoe
from sapper.kernel.membership import vrf_tables
from sapper.kernel.plan import MAIN_TABLE, Route
from sapper.model.router import Router
from sapper.model.routing import StaticRoute

_CONNECTED_V6_METRIC = 256  # net/ipv6/addrconf.c, IP6_RT_PRIO_ADDRCONF


def routes_of(router: Router) -> Iterator[Route]:
    """The static routes in order, then the default routes of PPPoE."""
    tables = vrf_tables(router)
    for route in router.routes:
        made = Route(
            prefix=route.prefix,
            kind=route.kind,
            via=route.next_hop,
            link=route.interface or route.dhcp_interface,
            metric=route.distance,
            table=_table(route, tables),
        )
        yield _behind_connected(made)
    yield from map(_behind_connected, link_pppoe.default_routes(router, tables))


def assumptions_of(router: Router) -> Iterator[str]:
    """What these routes do not say."""
    for route in router.routes:
        if route.dhcp_interface is not None:
            yield f"the next hop for {route.prefix} comes by DHCP; it is taken to be on {route.dhcp_interface}"


def _table(route: StaticRoute, tables: dict[str, int]) -> int:
    if route.vrf is None or route.table != MAIN_TABLE:
        return route.table
    return tables.get(route.vrf, route.table)


def _behind_connected(route: Route) -> Route:
    if route.prefix.family == 4:
        return route
    return msgspec.structs.replace(route, metric=route.metric + _CONNECTED_V6_METRIC)
