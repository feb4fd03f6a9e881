"""What is in the kernel of one router in one situation, by plain code: for the second opinion's walk.

From the documents and from sources, not from the program's own code: which links are up, which routes each table has
(strongSwan's table 220 among them), which outbound policies stand there with which priority, and which of them have
their states.

Sources: strongSwan 5.9.8 kernel_netlink_ipsec.c (get_priority, install_route), kernel_netlink_net.c (get_route),
kernel_interface.c (get_address_by_ts), trap_manager.c; net/ipv4/fib_frontend.c and net/ipv6/addrconf.c (connected
routes, and what stays when a link goes down).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

from sapper.address import Address, Prefix
from sapper.kernel.plan import Child, Connection, Link, Plan, Selector
from sapper.proof.states.lifecycle import Left, Row
from sapper.proof.states.situation import Situation

Ip = IPv4Address | IPv6Address
Net = IPv4Network | IPv6Network
BASE = 200_000  # strongSwan's PRIO_BASE


@dataclass(frozen=True)
class Datagram:
    """An IP packet; ports are 0 where the protocol has none. ``sealed``: what it carries is encrypted."""

    source: Ip | None
    destination: Ip
    protocol: int
    source_port: int = 0
    destination_port: int = 0
    sealed: bool = False
    nested: int = 0
    mark: int = 0


@dataclass(frozen=True)
class Way:
    """A route as a lookup returns it. ``local`` delivers to this router."""

    kind: Literal["local", "unicast", "blackhole", "unreachable"]
    net: Net | None = None
    link: str = ""
    via: Ip | None = None
    source: Ip | None = None
    metric: int = 0


@dataclass(frozen=True)
class Spd:
    """An entry of the security policy database, outbound. ``keyed``: its states are there. ``inward``: it has a mirror."""

    priority: int
    source: Net
    destination: Net
    protocol: int
    ports: tuple[int, int]
    mode: str
    keyed: bool
    if_id: int | None
    near: Ip | None
    far: Ip | None
    inward: bool = True

    def meets(self, packet: Datagram) -> bool:
        return (
            packet.source is not None
            and packet.source.version == self.source.version
            and packet.source in self.source
            and packet.destination in self.destination
            and self.protocol in (0, packet.protocol)
            and self.ports[0] in (0, packet.source_port)
            and self.ports[1] in (0, packet.destination_port)
        )


def ip(value: object) -> Ip:
    return ip_address(str(value))


def net(value: object) -> Net:
    return ip_network(str(value), strict=False)


class Contents:
    """Links, routes, policies: ``main`` and ``table_220`` hold usable routes, ``spd`` the outbound policies."""

    def __init__(self, plan: Plan, situation: Situation) -> None:
        self.plan, self.situation = plan, situation
        self.links = {link.name: link for link in plan.links}
        healthy = {
            link.name for link in plan.links if (link.name in situation.raised if link.raised_by else link.up)
        }
        move = situation.move
        self.up = healthy - ({move.link} if move.kind == "wan-down" else set())
        self.up -= {link.name for link in plan.links if link.kind == "vlan" and link.parent not in self.up}
        self.charon_time_main = self._before_the_move(healthy)
        self.main = list(self._main_table(self.up, default_gone=move.kind == "default-gone"))
        self.others = {
            number: list(self._routes_of(number, self.up))
            for number in {route.table for route in plan.routes} - {254}
        }
        self.spd: list[Spd] = []
        self.table_220: list[Way] = []
        for connection in plan.connections:
            for child in connection.children:
                self._install(connection, child, self._row_of(connection.name))

    def _row_of(self, name: str) -> Row:
        return dict(self.situation.others).get(name, self.situation.row)

    def _before_the_move(self, healthy: set[str]) -> list[Way]:
        """The main table when charon asked for the way to the peer: whatever the network does, it did later."""
        return list(self._main_table(healthy, default_gone=False))

    def _addresses(self, link: Link, version: int) -> list[tuple[Ip, Net]]:
        pairs = [(ip(attached.address), net(attached)) for attached in link.addresses]
        return [pair for pair in pairs if pair[0].version == version]

    def _connected(self, up: set[str]) -> Iterator[Way]:
        """One route for a network; a further address in it is secondary, and the source is the first."""
        for name in up:
            for version in (4, 6):
                seen: set[Net] = set()
                for own, prefix in self._addresses(self.links[name], version):
                    if prefix.prefixlen < prefix.max_prefixlen and prefix not in seen:
                        seen.add(prefix)
                        yield Way("unicast", prefix, name, source=own, metric=0 if version == 4 else 256)

    def _main_table(self, up: set[str], *, default_gone: bool) -> Iterator[Way]:
        yield from self._connected(up)
        for way in self._routes_of(254, up):
            if not (default_gone and way.net and way.net.prefixlen == 0 and way.kind == "unicast"):
                yield way

    def _routes_of(self, number: int, up: set[str]) -> Iterator[Way]:
        """The static routes of a table that can be used."""
        for route in self.plan.routes:
            if route.table != number:
                continue
            prefix = net(route.prefix)
            if route.kind != "unicast":
                yield Way(route.kind, prefix, metric=route.metric)
                continue
            via = ip(route.via) if route.via else None
            link = route.link or self._link_towards(via, number, up) if via else route.link
            if link in up:
                source = ip(route.source) if route.source else None
                yield Way("unicast", prefix, str(link), via, source, route.metric)

    def _link_towards(self, hop: Ip, number: int, up: set[str]) -> str:
        """A next hop is looked for among routes without one (fib_check_nh: scope link), of its table and then of all."""
        for table in (number, *self.order(hop.version, 0)):
            on_link = list(self._connected(up)) if table == 254 else []
            for route in self.plan.routes:
                if (route.table, route.kind, route.via) == (table, "unicast", None) and route.link in up:
                    on_link.append(Way("unicast", net(route.prefix), str(route.link), metric=route.metric))
            found = best(on_link, hop)
            if found:
                return found[0].link
        return ""

    def order(self, version: int, mark: int) -> list[int]:
        """The tables in the order in which ``ip rule`` has them for a packet with that mark."""
        rules = [(rule.priority, rule.table) for rule in self.plan.rules
                 if rule.family == version and (rule.mark is None or rule.mark == mark)]  # fmt: skip
        return [table for _, table in sorted([(32766, 254), *rules, (220, 220)], key=lambda rule: rule[0])]

    def _install(self, connection: Connection, child: Child, row: Row) -> None:
        trap, agreed = trap_there(connection, child, row), child.mode != "pass" and Left.SA in row.policies
        near = ip(connection.local_addrs[0]) if connection.local_addrs else None
        far = ip(connection.remote_addrs[0]) if connection.remote_addrs else None
        had_been_up = row.routes_kept and (child.mode != "pass" or child.start_action == "trap")
        for local, remote in pairs(connection, child):
            protocol = local.protocol or remote.protocol or 0
            ports = (local.port or 0, remote.port or 0)
            source, destination = net(local.prefix), net(remote.prefix)
            worth = 512 * (source.prefixlen + destination.prefixlen) + 256 * bool(protocol)
            worth += 64 * sum(map(bool, ports))
            for present, is_trap in ((agreed, 0), (trap, 1)):
                if present:
                    priority = child.priority or self._base(child, is_trap) - worth
                    entry = Spd(
                        priority, source, destination, protocol, ports, child.mode, row.sa, child.if_id, near, far,
                        inward=bool(is_trap) or row.inbound,
                    )  # fmt: skip
                    self.spd.append(entry)
            if (trap or agreed or had_been_up) and not protocol and ports == (0, 0):
                self._install_route(child, source, destination, far)

    def _base(self, child: Child, is_trap: int) -> int:
        """A bypass comes first; a trap is worse by one than an SA, so that what is more specific decides before."""
        return BASE - 1 if child.mode == "pass" else 2 * BASE - 1 + is_trap

    def _install_route(self, child: Child, source: Net, destination: Net, far: Ip | None) -> None:
        """strongSwan's install_route: for a selector that holds a local address, by the way to the peer."""
        if not self.plan.install_routes or child.if_id is not None or child.mode == "transport":
            return
        loopback = ip("127.0.0.1" if source.version == 4 else "::1")
        own = [a for link in self.plan.links for a, _ in self._addresses(link, source.version) if a in source]
        if not own and loopback not in source:
            return
        unicast = [way for way in self.charon_time_main if way.kind == "unicast"]
        if child.mode == "pass":
            covering = [way for way in unicast if way.net and covers(way.net, destination)]
            ways = best(covering, destination.network_address)
        else:
            ways = best(unicast, far or ip("0.0.0.0" if source.version == 4 else "::"))
        for way in ways:
            if way.link in self.up:
                hint = None if loopback in source else own[0]
                route = Way("unicast", destination, way.link, way.via, hint)
                self.table_220 += [route] if route not in self.table_220 else []


def best(table: Iterable[Way], destination: Ip | None) -> list[Way]:
    """Longest prefix, then lowest metric; every one of them where several are equal."""
    met = [
        way
        for way in table
        if way.net is not None
        and destination is not None
        and way.net.version == destination.version
        and destination in way.net
    ]
    if not met:
        return []
    rank = min((-way.net.prefixlen, way.metric) for way in met if way.net)
    return [way for way in met if way.net and (-way.net.prefixlen, way.metric) == rank]


def covers(wide: Net, narrow: Net) -> bool:
    return wide.version == narrow.version and narrow.network_address in wide and wide.prefixlen <= narrow.prefixlen


def trap_there(connection: Connection, child: Child, row: Row) -> bool:
    """strongSwan's trap manager: refused in tunnel mode without a peer's address; a bypass goes with the traps."""
    if Left.TRAP not in row.policies:
        return False
    if child.mode == "pass":
        return child.start_action == "trap"
    if child.mode == "tunnel" and not connection.remote_addrs:
        return False
    on_close = Left.CLOSE in row.policies and child.close_action == "trap"
    return child.start_action == "trap" or on_close or (Left.DPD in row.policies and child.dpd_action == "trap")


def pairs(connection: Connection, child: Child) -> Iterator[tuple[Selector, Selector]]:
    """Every pair of a family whose protocols agree; an absent side is that side's own address."""
    for local in child.local_ts or own_selectors(connection.local_addrs):
        for remote in child.remote_ts or own_selectors(connection.remote_addrs):
            same_family = local.prefix.family == remote.prefix.family
            if same_family and (None in (local.protocol, remote.protocol) or local.protocol == remote.protocol):
                yield local, remote


def own_selectors(addresses: Iterable[Address]) -> list[Selector]:
    return [Selector(Prefix.host(address)) for address in addresses]


def prerouting(plan: Plan, packet: Datagram, enters: str) -> list[Datagram | None]:
    """What destination NAT makes of a packet (None: it is for the router itself), and itself, as an answer would be."""
    for rule in plan.destination_nat if packet.destination.version == 4 else ():
        fits = [rule.in_link in (None, enters), rule.protocol in (None, packet.protocol)]
        if rule.source is not None:
            fits.append((packet.source in net(rule.source)) != ("source" in rule.negated))
        if rule.destination is not None:
            fits.append((packet.destination in net(rule.destination)) != ("destination" in rule.negated))
        if not all(fits):
            continue
        if rule.action == "redirect":
            return [None, packet]
        return [packet] if rule.to is None else [replace(packet, destination=ip(rule.to)), packet]
    return [packet]
