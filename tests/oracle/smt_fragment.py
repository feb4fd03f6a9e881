"""For which Plans the SMT solver is asked, and what their kernels hold: links, routes, policies, by plain code.

:func:`outside` names the first thing of a completed Plan that the encoding does not know; None says that the Plan is of
the fragment. What is in it: IPv4; ethernet and dummy links with fixed addresses; GRE and IPIP devices with both ends
known; static, blackhole and unreachable routes in the main table; connections with known ends whose children select
IPv4 prefixes and protocols, in tunnel or transport mode; charon's routes; masquerade and its exclusions.

Sources: net/ipv4/fib_frontend.c, strongSwan 5.9.8 kernel_netlink_ipsec.c (get_priority, install_route) and the design's
words on who is trusted. Nothing of the program's own kernel, walk or index is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations, product
from typing import NamedTuple

from sapper.kernel.plan import Child, Connection, Link, Plan, Route, SourceNatRule
from sapper.model.stated import Stated
from sapper.proof.states.lifecycle import Left, Row

PRIO_BASE = 200_000
WIRED = "ethernet"
DEVICES = {"gre": 47, "ipip": 4}
Move = tuple[str, str]  # what happens, and to which interface
CALM: Move = ("undisturbed", "")


class Way(NamedTuple):
    """A route that can be used. ``table_220``: charon's, there where ``owner`` has a policy or has left its routes."""

    net: IPv4Network
    kind: str
    link: str = ""
    via: IPv4Address | None = None
    metric: int = 0
    source: IPv4Address | None = None
    owner: tuple[Connection, Child] | None = None

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Lower is better: charon's table, the longest prefix, the lowest metric."""
        return self.owner is None, -self.net.prefixlen, self.metric


class Entry(NamedTuple):
    """An outbound policy. ``trap``: the one before the SA."""

    priority: int
    source: IPv4Network
    destination: IPv4Network
    protocol: int
    mode: str
    trap: bool
    far: IPv4Address
    connection: Connection
    child: Child


def outside(plan: Plan) -> str | None:
    """Why a completed Plan is not of the fragment; None if it is."""
    whole = (
        (
            bool(plan.rules or plan.guards or plan.marks or plan.destination_nat or plan.mss_clamps),
            "rules, guards, DNAT",
        ),
        (bool(plan.gaps), "something that is not modelled"),
        (plan.stated != Stated(), "what a person states"),
    )
    reasons = [reason for met, reason in whole if met]
    reasons += [reason for link in plan.links for reason in _of_link(link)]
    reasons += [reason for route in plan.routes for reason in _of_route(route)]
    reasons += [reason for rule in plan.source_nat for reason in _of_rule(rule)]
    reasons += [reason for item in plan.connections for reason in _of_connection(item)]
    return next(iter(reasons or _of_choices(plan)), None)


def _of_link(link: Link) -> Iterator[str]:
    outer = link.encapsulating
    if link.kind not in (WIRED, "dummy", *DEVICES):
        yield f"a link of kind {link.kind}"
    if link.dynamic or link.master or link.raised_by or not link.up or len(link.addresses) != 1:
        yield f"{link.name}: an address by DHCP, a master, down, or not one address"
    if any(attached.address.family == 6 for attached in link.addresses):
        yield f"{link.name}: an IPv6 address"
    if link.kind in DEVICES and (outer is None or not outer.local or not outer.remote or outer.link):
        yield f"{link.name}: an end that is not known, or bound to an interface"
    elif outer is not None and (outer.local is None or outer.local.is_unspecified or outer.local.family == 6):
        yield f"{link.name}: ends that are no IPv4 addresses"


def _of_route(route: Route) -> Iterator[str]:
    if route.table != 254 or route.prefix.family == 6 or route.source is not None:
        yield f"a route to {route.prefix} of another table or family, or with a source"
    if route.prefix.length == 0 and route.kind != "unicast":
        yield "a default route that leads nowhere"


def _of_rule(rule: SourceNatRule) -> Iterator[str]:
    wild = rule.out_link is not None and not rule.out_link.isalnum()
    if rule.action == "snat" or rule.negated or rule.unmodelled or wild or rule.out_link == "any":
        yield f"source NAT rule {rule.number}: more than masquerade and exclusions"


def _of_connection(connection: Connection) -> Iterator[str]:
    ends = (*connection.local_addrs, *connection.remote_addrs)
    if not connection.local_addrs or not connection.remote_addrs or any(end.family == 6 for end in ends):
        yield f"{connection.name}: an end that is not known, or over IPv6"
    for child in connection.children:
        if child.mode == "pass" or child.if_id is not None or child.updown or child.priority is not None:
            yield f"{child.name}: a bypass, a VTI, or a priority of its own"
        if not child.local_ts or not child.remote_ts:
            yield f"{child.name}: dynamic selectors"
        elif all(side.prefix.length == 0 for side in child.remote_ts):
            yield f"{child.name}: selects everything, and nobody asks the proof about that"
        sides = (*child.local_ts, *child.remote_ts)
        if any(side.prefix.family == 6 or side.port is not None for side in sides):
            yield f"{child.name}: an IPv6 prefix or a port"
        if any("null" in text or "gmac" in text for text in child.esp_proposals):
            yield f"{child.name}: ESP that hides nothing"


def _of_choices(plan: Plan) -> Iterator[str]:
    """Where the kernel has a choice, an answer for all packets is one for all choices: left out."""
    for move in moves(plan):
        ways = main_table(plan, move)
        keys = [(way.net, way.metric) for way in ways]
        if len(set(keys)) < len(keys):
            yield "two routes for one prefix with one metric"
    names = [connection.name for connection in plan.connections]
    if len(set(names)) < len(names):
        yield "two connections of one name"
    for one, other in combinations(plan.connections, 2):
        if {child.name for child in one.children} & {child.name for child in other.children}:
            yield "two children of one name"


def net(value: object) -> IPv4Network:
    return IPv4Network(str(value), strict=False)


def ip(value: object) -> IPv4Address:
    return IPv4Address(str(value))


def addresses(link: Link) -> list[tuple[IPv4Address, IPv4Network]]:
    return [(ip(attached.address), net(attached)) for attached in link.addresses]


def own(plan: Plan) -> list[IPv4Address]:
    """An IPv4 address stays local when its link goes down."""
    return [address for link in plan.links for address, _ in addresses(link)]


def underlays(plan: Plan) -> set[str]:
    """Interfaces that carry the default route, or a tunnel's or peer's local address."""
    ends = {ip(link.encapsulating.local) for link in plan.links if link.encapsulating}
    ends |= {ip(address) for connection in plan.connections for address in connection.local_addrs}
    found = set()
    for link in plan.links:
        for address, prefix in addresses(link):
            defaults = [route for route in plan.routes if route.prefix.length == 0]
            carries = any(
                route.link == link.name or (route.via is not None and ip(route.via) in prefix) for route in defaults
            )
            if link.kind == WIRED and (carries or address in ends):
                found.add(link.name)
    return found


def moves(plan: Plan) -> list[Move]:
    return [CALM, *(("down", name) for name in sorted(underlays(plan))), ("default gone", "")]


def main_table(plan: Plan, move: Move) -> list[Way]:
    """The usable routes; a next hop is looked for among connected networks and routes without one."""
    up = {link.name for link in plan.links} - {move[1]}
    connected = [
        Way(prefix, "unicast", link.name)
        for link in plan.links
        if link.name in up
        for prefix in dict.fromkeys(prefix for _, prefix in addresses(link))
    ]
    onlink = [
        Way(net(route.prefix), "unicast", route.link, None, route.metric)
        for route in plan.routes
        if route.kind == "unicast" and route.via is None and route.link in up
    ]
    ways = list(connected)
    for route in plan.routes:
        if route.prefix.length == 0 and move[0] == "default gone":
            continue
        if route.kind != "unicast":
            ways.append(Way(net(route.prefix), route.kind, metric=route.metric))
            continue
        via, link = (ip(route.via) if route.via else None), route.link
        if link is None and via is not None:
            hops = [way for way in (*connected, *onlink) if via in way.net]
            link = min(hops, key=lambda way: way.rank).link if hops else None
        if link is not None and link in up:
            ways.append(Way(net(route.prefix), "unicast", link, via, route.metric))
    return ways


def table_220(plan: Plan, move: Move) -> list[Way]:
    """charon's routes: made while the network was undisturbed, gone with their interface."""
    found = []
    for connection, child in children(plan):
        if child.mode == "transport" or not plan.install_routes:
            continue
        before = [way for way in main_table(plan, CALM) if way.kind == "unicast"]
        peer = ip(connection.remote_addrs[0])
        hops = [way for way in before if peer in way.net]
        for local, remote in product(child.local_ts, child.remote_ts):
            inside = [address for address in own(plan) if address in net(local.prefix)]
            if hops and inside and local.protocol is None and remote.protocol is None:
                way = min(hops, key=lambda hop: hop.rank)
                if way.link != move[1]:
                    owner = (connection, child)
                    found.append(Way(net(remote.prefix), "unicast", way.link, way.via, 0, inside[0], owner))
    return found


def children(plan: Plan) -> Iterator[tuple[Connection, Child]]:
    for connection in plan.connections:
        for child in connection.children:
            yield connection, child


def policies(plan: Plan) -> list[Entry]:
    """Every policy that some row installs, the lowest priority number first."""
    found = []
    for connection, child in children(plan):
        for (local, remote), trap in product(product(child.local_ts, child.remote_ts), (False, True)):
            if None not in (local.protocol, remote.protocol) and local.protocol != remote.protocol:
                continue
            protocol = local.protocol or remote.protocol or 0
            bits = local.prefix.length + remote.prefix.length
            priority = 2 * PRIO_BASE - 1 + trap - 512 * bits - 256 * bool(protocol)
            far = ip(connection.remote_addrs[0])
            found.append(
                Entry(
                    priority,
                    net(local.prefix),
                    net(remote.prefix),
                    protocol,
                    child.mode,
                    trap,
                    far,
                    connection,
                    child,
                )
            )
    return sorted(found, key=lambda entry: entry.priority)


def installed(child: Child, row: Row, *, trap: bool) -> bool:
    """Whether the row leaves the child's policies of that sort."""
    if not trap:
        return Left.SA in row.policies
    asked = {Left.TRAP: child.start_action, Left.CLOSE: child.close_action, Left.DPD: child.dpd_action}
    return Left.TRAP in row.policies and any(asked[kind] == "trap" for kind in asked if kind in row.policies)
