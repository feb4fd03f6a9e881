"""The kernel of one router in one situation: which links are up, which routes, policies and states are there.

A function of the Plan and a :class:`~sapper.proof.states.situation.Situation`; what strongSwan leaves behind in each
lifecycle state comes from :mod:`sapper.proof.states.lifecycle` and nowhere else. The network's moves (WAN down, default
route gone) are applied on top.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import (
    CHARON_TABLE,
    MAIN_TABLE,
    Child,
    Connection,
    Guard,
    Link,
    MarkRule,
    Plan,
    Route,
    Rule,
    Selector,
    SourceNatRule,
)
from sapper.proof.facts.by_prefix import ByPrefix
from sapper.proof.facts.destination_nat import Aim, aims_of
from sapper.proof.facts.entrance import Entrance, entrance_of, keeps_addresses
from sapper.proof.facts.over_udp import unwalked_devices
from sapper.proof.facts.policy_routing import STANDING, leading_marks, rules_in_force, tables_in_order
from sapper.proof.states.lifecycle import Row, sa_policies_installed, trap_installed
from sapper.proof.states.situation import UNDISTURBED, Situation

# charon's priorities (kernel_netlink_ipsec.c, get_priority): a class's base minus what makes the selector specific. A
# trap comes right behind the SA of the same selector.
_BASE = {"pass": 200_000, "sa": 399_999, "trap": 400_000}
_PREFIX_WEIGHT = 512
_PROTOCOL_WEIGHT = 256
_PORT_WEIGHT = 64
_WITHOUT_ARP = frozenset({"dummy", "gre", "ipip", "sit", "ip6tnl", "ip6gre"})
# What the kernel gives a connected IPv6 route (addrconf.c, IP6_RT_PRIO_ADDRCONF).
CONNECTED_V6_METRIC = 256


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """An outbound policy and its inbound mirror. ``state``: an SA for it is in the kernel.

    ``outbound`` and ``inbound``: the directions that it is there for, where it is not both.

    ``conceals`` False: what the SA encrypts can be read all the same (a null cipher, or GMAC).

    Lower ``priority`` wins. ``local_end`` and ``remote_end`` are the outer addresses in tunnel mode, None if they
    are known only to charon.
    """

    child: str
    kind: Literal["pass", "sa", "trap"]
    source: Selector
    destination: Selector
    priority: int
    mode: Literal["tunnel", "transport", "pass"]
    state: bool
    outbound: bool = True
    inbound: bool = True
    conceals: bool = True
    if_id: int | None = None
    local_end: Address | None = None
    remote_end: Address | None = None


class Kernel(msgspec.Struct, frozen=True, kw_only=True):
    """``tables`` holds usable routes only. ``unknown`` names policies whose selectors nobody can know beforehand.

    ``kept`` are addresses that nothing is delivered to, but that a tunnel may send from (keep_addr_on_down). ``rules`` are
    in order of priority. ``marks`` are there where one leads to a table, ``aims`` where destination NAT changes anything. ``hijacked`` is the interface on which the network announces more specific routes, if it does.
    """

    links: dict[str, Link]
    up: frozenset[str]
    local: frozenset[Address]
    tables: dict[int, tuple[Route, ...]]
    policies: tuple[Policy, ...]
    source_nat: tuple[SourceNatRule, ...]
    aims: tuple[Aim, ...] = ()
    guards: tuple[Guard, ...] = ()
    rules: tuple[Rule, ...] = STANDING
    marks: tuple[MarkRule, ...] = ()
    entrance: Entrance = Entrance()
    unwalked: frozenset[str] = frozenset()
    kept: frozenset[Address] = frozenset()
    unknown: tuple[str, ...] = ()
    hijacked: str | None = None


def kernel_in(plan: Plan, situation: Situation) -> Kernel:
    """The kernel that runs this (completed) Plan in that situation."""
    links = {link.name: link for link in plan.links}
    up = frozenset(_up_links(plan, situation))
    policies: list[Policy] = []
    unknown: list[str] = []
    charon_routes: list[Route] = []
    # charon made its routes while the network was undisturbed.
    existing = _existing(plan, frozenset(_up_links(plan, msgspec.structs.replace(situation, move=UNDISTURBED))))
    for connection in plan.connections:
        row = situation.row_of(connection.name)
        for child in connection.children:
            installed = list(_policies_of(connection, child, row))
            if not selectors_known(connection, child) and sa_policies_installed(row):
                unknown.append(f"{child.title}: its selectors depend on an address known only when the SA is up")
            policies += installed
            if plan.install_routes and (installed or row.routes_kept):
                charon_routes += _charon_routes(plan, connection, child, existing)
    tables = _tables(plan, situation, up, charon_routes)
    # An IPv4 address stays local when its link goes down (fib_sync_down_dev), an IPv6 address does not; but one that
    # is put on a link without ARP that has never been up is there at once (addrconf_dad_begin).
    local = {
        attached.address
        for link in plan.links
        for attached in link.addresses
        if link.name in up or attached.address.family == 4 or (link.kind in _WITHOUT_ARP and _never_up(link))
    }
    return Kernel(
        links=links,
        up=up,
        local=frozenset(local),
        tables=tables,
        policies=tuple(sorted(policies, key=lambda policy: policy.priority)),
        source_nat=plan.source_nat,
        aims=aims_of(plan),
        guards=plan.guards,
        rules=rules_in_force(plan),
        marks=leading_marks(plan.marks, plan.rules),
        entrance=entrance_of(plan),
        unwalked=unwalked_devices(plan),
        kept=frozenset(_kept(plan)) - local,
        unknown=tuple(unknown),
        hijacked=situation.move.link if situation.move.kind == "more-specific" else None,
    )


def _never_up(link: Link) -> bool:
    return not link.up and not link.raised_by


def _up_links(plan: Plan, situation: Situation) -> Iterator[str]:
    links = {link.name: link for link in plan.links}
    return (link.name for link in plan.links if _is_up(link, links, situation))


def _is_up(link: Link, links: dict[str, Link], situation: Situation) -> bool:
    """A VLAN goes down with the device below it (net/8021q/vlan.c, vlan_device_event)."""
    down_by_move = situation.move.kind == "wan-down" and situation.move.link == link.name
    raised = link.name in situation.raised if link.raised_by else link.up
    below = links.get(link.parent or "") if link.kind == "vlan" else None
    return raised and not down_by_move and (below is None or _is_up(below, links, situation))


def selectors_known(connection: Connection, child: Child) -> bool:
    """Whether both sides' selectors can be told before the SA is up (strongSwan's ``dynamic`` cannot always)."""
    return bool((child.local_ts or connection.local_addrs) and (child.remote_ts or connection.remote_addrs))


def local_selectors(connection: Connection, child: Child) -> tuple[Selector, ...]:
    """The child's local selectors, ``dynamic`` resolved to the IKE address where it is known."""
    return child.local_ts or tuple(Selector(Prefix.host(address)) for address in connection.local_addrs)


def remote_selectors(connection: Connection, child: Child) -> tuple[Selector, ...]:
    """The child's remote selectors, ``dynamic`` resolved to the IKE address where it is known."""
    return child.remote_ts or tuple(Selector(Prefix.host(address)) for address in connection.remote_addrs)


def trap_accepted(connection: Connection, child: Child) -> bool:
    """charon refuses a trap in tunnel mode whose remote address is any: "remote address unknown"."""
    return child.mode != "tunnel" or bool(connection.remote_addrs)


def _policies_of(connection: Connection, child: Child, row: Row) -> Iterator[Policy]:
    trap = trap_installed(
        row,
        start_action=child.start_action,
        close_action=child.close_action,
        dpd_action=child.dpd_action,
        accepted=trap_accepted(connection, child),
        passing=child.mode == "pass",
    )
    if child.mode == "pass":
        if trap:
            yield from policies_of_child(connection, child, "pass", state=True)
        return
    if sa_policies_installed(row):
        yield from policies_of_child(connection, child, "sa", state=row.sa, inbound=row.inbound)
        if trap and not row.inbound:
            # charon keeps one policy for a selector, and the trap's comes back where the SA's is gone (del_policy).
            yield from policies_of_child(connection, child, "trap", state=False, outbound=False)
    elif trap:
        yield from policies_of_child(connection, child, "trap", state=False)


def policies_of_child(
    connection: Connection,
    child: Child,
    kind: Literal["pass", "sa", "trap"],
    *,
    state: bool,
    outbound: bool = True,
    inbound: bool = True,
) -> Iterator[Policy]:
    """The policies that charon installs for a child: one for each pair of its selectors."""
    for source in local_selectors(connection, child):
        for destination in remote_selectors(connection, child):
            if source.prefix.family != destination.prefix.family:
                continue
            yield Policy(
                child=child.name,
                kind=kind,
                source=source,
                destination=destination,
                priority=child.priority if child.priority is not None else _priority(kind, source, destination),
                mode=child.mode,
                state=state,
                outbound=outbound,
                inbound=inbound,
                conceals=not _readable(child),
                if_id=child.if_id,
                local_end=next(iter(connection.local_addrs), None),
                remote_end=next(iter(connection.remote_addrs), None),
            )


def _readable(child: Child) -> bool:
    """Whether the two ends may agree on ESP that encrypts nothing (RFC 2410, RFC 4543): the peer chooses."""
    return any(
        word == "null" or word.endswith("gmac")
        for proposal in child.esp_proposals
        for word in proposal.split("-")[:1]
    )


def _priority(kind: str, source: Selector, destination: Selector) -> int:
    specific = (source.prefix.length + destination.prefix.length) * _PREFIX_WEIGHT
    specific += _PROTOCOL_WEIGHT if source.protocol is not None or destination.protocol is not None else 0
    ports = (source.port is not None) + (destination.port is not None)
    return _BASE[kind] - specific - ports * _PORT_WEIGHT


def _charon_routes(plan: Plan, connection: Connection, child: Child, existing: ByPrefix[Route]) -> Iterator[Route]:
    """charon's routes in table 220: not in transport mode, not for a selector with protocol or port, not with an if_id.

    It needs a local address inside the local selector. For an SA the route leads the way to the peer, for a bypass
    policy the way to the whole remote network (kernel_netlink_ipsec.c, install_route; get_nexthop).
    """
    if child.mode == "transport" or child.if_id is not None:
        return
    for local in local_selectors(connection, child):
        source = _address_within(plan, local.prefix)
        for remote in remote_selectors(connection, child):
            narrow = {local.protocol, local.port, remote.protocol, remote.port} != {None}
            if narrow or source is None or remote.prefix.family != local.prefix.family:
                continue
            target = remote.prefix if child.mode == "pass" else _peer_prefix(connection, remote.prefix.family)
            way = _way_to(existing, target)
            if way is not None:
                yield Route(prefix=remote.prefix, via=way.via, link=way.link, source=source, table=CHARON_TABLE)


def _address_within(plan: Plan, prefix: Prefix) -> Address | None:
    for link in plan.links:
        for attached in link.addresses:
            if attached.address in prefix:
                return attached.address
    return None


def _peer_prefix(connection: Connection, family: Family) -> Prefix:
    """The peer's address as a prefix; everything, and so the default route, where it is any."""
    peer = next(iter(connection.remote_addrs), None)
    return Prefix.host(peer) if peer is not None else Prefix.everything(family)


def _way_to(existing: ByPrefix[Route], target: Prefix) -> Route | None:
    """The route that leads to all of the target."""
    return _best(existing.covering(target))


def _best(ways: Iterator[tuple[int, Route]]) -> Route | None:
    """The longest prefix, then the lowest metric, then the first."""
    found = max(ways, key=lambda way: (way[1].prefix.length, -way[1].metric, -way[0]), default=None)
    return found[1] if found is not None else None


def _existing(plan: Plan, up: frozenset[str]) -> ByPrefix[Route]:
    """The main table's usable unicast routes with these links up."""
    connected = [route for route in _connected(plan) if route.link in up]
    hops = NextHops(plan, up, connected)
    found = [hops.resolve(route) for route in (*connected, *plan.routes) if route.table == MAIN_TABLE]
    return ByPrefix((route.prefix, route) for route in found if route is not None and route.kind == "unicast")


def _connected(plan: Plan) -> Iterator[Route]:
    for link in plan.links:
        for attached in link.addresses:
            metric = CONNECTED_V6_METRIC if attached.address.family == 6 else 0
            yield Route(prefix=attached.prefix, link=link.name, metric=metric)


def _tables(
    plan: Plan, situation: Situation, up: frozenset[str], charon_routes: list[Route]
) -> dict[int, tuple[Route, ...]]:
    tables: dict[int, list[Route]] = {MAIN_TABLE: [], CHARON_TABLE: []}
    connected = [route for route in _connected(plan) if route.link in up]
    hops = NextHops(plan, up, connected)
    for route in (*connected, *plan.routes, *charon_routes):
        resolved = hops.resolve(route)
        if resolved is not None and not (situation.move.kind == "default-gone" and is_default(route)):
            tables.setdefault(route.table, []).append(resolved)
    return {table: tuple(routes) for table, routes in tables.items()}


def _kept(plan: Plan) -> Iterator[Address]:
    """The IPv6 addresses that may stay on their interface when it is down."""
    for link in plan.links:
        own = [item.address for item in link.addresses if item.address.family == 6]
        if own and keeps_addresses(plan, link.name):
            yield from own


def is_default(route: Route) -> bool:
    """Whether it goes when the default route is gone; one that drops stays."""
    return route.prefix.length == 0 and route.table == MAIN_TABLE and route.kind == "unicast"


class NextHops:
    """Where next hops are: by a route without a gateway, of the route's own table first (fib_check_nh_nongw,
    ip6_route_check_nh), then of the tables of unmarked packets.
    """

    def __init__(self, plan: Plan, up: frozenset[str], connected: list[Route]) -> None:
        self._up = up
        self._rules = rules_in_force(plan)
        reaching: dict[int, list[Route]] = {MAIN_TABLE: list(connected)}
        self._found: dict[tuple[Address, tuple[int, ...]], str | None] = {}
        for route in plan.routes:
            if route.kind == "unicast" and route.via is None and route.link in up:
                reaching.setdefault(route.table, []).append(route)
        self._reaching = {
            table: ByPrefix((route.prefix, route) for route in routes) for table, routes in reaching.items()
        }

    def resolve(self, route: Route) -> Route | None:
        """The route with its interface; None where the interface or the next hop cannot be used."""
        via = route.via
        if route.kind != "unicast":
            return route
        if route.link is not None:
            return route if route.link in self._up else None
        if via is None:
            return None
        link = self._link_towards(via, next_hop_tables(self._rules, route))
        return msgspec.structs.replace(route, link=link) if link is not None else None

    def _link_towards(self, via: Address, tables: tuple[int, ...]) -> str | None:
        """Many routes share a next hop, so each is looked for once."""
        if (via, tables) not in self._found:
            there = (self._reaching[table] for table in tables if table in self._reaching)
            best = next(filter(None, (_best(held.holding(via)) for held in there)), None)
            self._found[via, tables] = best.link if best is not None else None
        return self._found[via, tables]


def next_hops(plan: Plan, up: frozenset[str]) -> NextHops:
    """How next hops are found while these links are up."""
    return NextHops(plan, up, [route for route in _connected(plan) if route.link in up])


def next_hop_tables(rules: tuple[Rule, ...], route: Route) -> tuple[int, ...]:
    """The tables in which the next hop of a route is looked for, in order."""
    return tuple(dict.fromkeys((route.table, *tables_in_order(rules, route.prefix.family))))
