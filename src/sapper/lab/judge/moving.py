"""What the network does, done to the kernel: a wire goes down, the default route goes, a better route is announced.

Only the cause is written here. Which routes and addresses go with a wire is the kernel's answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sapper.address import Address, Prefix
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import MAIN_TABLE, Plan, Route
from sapper.lab.judge.case import Case, Setting
from sapper.lab.judge.security import SOMEBODY
from sapper.live.netlink.link import set_link_up
from sapper.live.netlink.message import Request
from sapper.live.netlink.route import (
    RT_SCOPE_NOWHERE,
    RTM_DELROUTE,
    RouteMessage,
    add_route,
    describe_route,
    encode_route,
)

# A DHCP client's routes have this distance on VyOS; over IPv6 the kernel's own come with 256 more.
_ANNOUNCED = {4: 210, 6: 466}


def requests(case: Case, setting: Setting, indexes: Mapping[str, int]) -> Iterator[tuple[bool, list[Request]]]:
    """Batches of requests, each with whether every one of them must be accepted."""
    move, plan = setting.move, case.plan
    if move.kind == "wan-down" and move.link is not None:
        yield True, [set_link_up(indexes[move.link], move.link, up=False)]
    elif move.kind == "default-gone":
        gone = [route for route in plan.routes if _default(route)]
        yield False, [without_its_ways(route) for route in gone]
    elif move.kind == "more-specific" and move.link is not None:
        yield (
            False,
            [
                add_route(
                    Route(prefix=Prefix.host(target), link=move.link, metric=_ANNOUNCED[target.family]),
                    indexes[move.link],
                )
                for target in sorted(_targets(case))
            ],
        )


def without_its_ways(route: Route) -> Request:
    """Deletes a route with all its next hops: naming one of several deletes nothing."""
    message = RouteMessage(
        prefix=route.prefix, metric=route.metric, table=route.table, protocol=0, scope=RT_SCOPE_NOWHERE
    )
    return Request(RTM_DELROUTE, 0, encode_route(message), describe_route(route))


def _default(route: Route) -> bool:
    return route.kind == "unicast" and route.prefix.length == 0 and route.table == MAIN_TABLE


def _targets(case: Case) -> set[Address]:
    """Every address that a packet of this case may be for, on its way or at its end."""
    found = {probe.packet.destination for probe in case.probes} | _far_ends(case.plan) | set(SOMEBODY.values())
    # A reverse path filter looks for the way back.
    found |= {probe.packet.source for probe in case.probes if probe.packet.source is not None}
    own = {item.address for link in case.plan.links for item in link.addresses}
    return found - own


def _far_ends(plan: Plan) -> set[Address]:
    found = {far for ends in map(ends_of, plan.links) if ends is not None for far in ends.remotes}
    return found | {address for connection in plan.connections for address in connection.remote_addrs}
