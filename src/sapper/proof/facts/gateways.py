"""charon's IPv6 routes whose next hop another one of them covers: the kernel refuses the one that comes second.

Over IPv6 a next hop must not itself be behind a gateway, and it is looked for in table 220 first, where a route of an
earlier child may lead to it (net/ipv6/route.c, ip6_route_check_nh; IPv4 leaves out such routes by their scope). Which child
comes first is chance. The walk takes all of charon's routes as installed.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Prefix
from sapper.kernel.plan import Plan
from sapper.proof.facts.by_prefix import ByPrefix


def covered_gateways(plan: Plan) -> Iterator[tuple[Address, Prefix]]:
    """Each next hop over IPv6 that lies in the remote network of a child, where another child's route needs one."""
    remotes = set(_remotes(plan)) if plan.install_routes else set()
    if len(remotes) < 2:
        return
    held = ByPrefix((remote, remote) for remote in remotes)
    for via in sorted({route.via for route in plan.routes if route.via is not None and route.via.family == 6}):
        for _, remote in held.holding(via):
            yield via, remote
            break


def _remotes(plan: Plan) -> Iterator[Prefix]:
    for connection in plan.connections:
        for child in connection.children:
            if child.mode != "transport" and child.if_id is None:
                yield from (selector.prefix for selector in child.remote_ts if selector.prefix.family == 6)
                if not child.remote_ts:
                    yield from (Prefix.host(peer) for peer in connection.remote_addrs if peer.family == 6)
