"""The lab's network, inferred from two Plans: a pure value that the agent builds and the report draws.

    host ── east ── (nat) ── net ── west ── host

``net`` stands for everything between the routers. It knows the way to the routers' outer addresses and swallows
everything else. It answers ARP for everything, so that an assumed WAN without a gateway works too.
Every other node is named for a router and its interface; ``@`` in it keeps it apart from the routers' own names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from sapper.address import WIDTH_BITS, Address, Attached, Prefix
from sapper.kernel.plan import Link, Plan, Route, SourceNatRule, Sysctl
from sapper.lab.result import Node, Wire
from sapper.proof.bypass import inner_links
from sapper.proof.trust import trust_of

NET = "net"
NAT = "nat"
_PUBLIC: Attached = Attached.parse("198.51.100.2/24")
_LINK_LOCAL = Prefix.parse("fe80::/10")
_ADVERTISED = Address.parse("fe80::fe")  # the gateway that router advertisements would bring
# The links of NET, and what the lab gives a router by DHCP and a host on layer 2 (RFC 2544's range, never on the
# Internet), for the first and the second router.
_NET_LINKS = ("first", "second")
_GIVEN = (Attached.parse("198.18.1.10/24"), Attached.parse("198.18.2.10/24"))
_BRIDGED = (Attached.parse("198.18.0.1/24"), Attached.parse("198.18.0.2/24"))


class Host(NamedTuple):
    """A host behind a router: its node and its addresses on that router's inner link."""

    node: str
    router: str
    router_link: str
    addresses: tuple[Address, ...]


class Vantage(NamedTuple):
    """The place in front of a router's underlay where an attacker can put frames on the wire."""

    node: str
    link: str
    router_link: str


class Topology(msgspec.Struct, frozen=True, kw_only=True):
    """``plans`` are those of all nodes, the routers' own included; ``wires`` are node, link, node, link."""

    routers: tuple[str, str]
    plans: dict[str, Plan]
    wires: tuple[tuple[str, str, str, str], ...]
    hosts: tuple[Host, ...]
    vantages: dict[str, Vantage]
    captures: tuple[tuple[str, str], ...]
    behind_nat: str | None = None

    def neighbours(self) -> list[tuple[str, str, str]]:
        """Every pair of addresses that share a wire and a prefix, both ways: node, far address, far node."""
        found = []
        for a, a_link, b, b_link in self.wires:
            for here, here_link, there, there_link in ((a, a_link, b, b_link), (b, b_link, a, a_link)):
                near, far = self.plans[here].link(here_link), self.plans[there].link(there_link)
                if near is not None and far is not None:
                    shared = [item.address for item in far.addresses if _connects(near, item.address)]
                    found += [(here, str(address), there) for address in shared]
        return found

    def nodes_for_report(self) -> tuple[Node, ...]:
        """The nodes with their roles, for the picture."""
        roles = {NET: "network", NAT: "nat", **dict.fromkeys(self.routers, "router")}
        return tuple(Node(name, roles.get(name, "host")) for name in self.plans)  # type: ignore[arg-type]

    def wires_for_report(self) -> tuple[Wire, ...]:
        """The wires with the addresses at both ends, for the picture."""
        return tuple(
            Wire(f"{a}:{a_link}", f"{b}:{b_link}", self._texts(a, a_link), self._texts(b, b_link))
            for a, a_link, b, b_link in self.wires
        )

    def _texts(self, node: str, name: str) -> tuple[str, ...]:
        link = self.plans[node].link(name)
        return tuple(str(attached) for attached in link.addresses) if link else ()


def infer(first: Plan, second: Plan, behind_nat: str | None = None) -> Topology:
    """The topology for two completed Plans. Raises ValueError with one line where it cannot be built."""
    draft = _Draft()
    for rank, (plan, other) in enumerate(((first, second), (second, first))):
        draft.connect(_with_way_out(plan, rank), other, rank, hidden=plan.name == behind_nat)
    draft.plans[NET] = _between(NET, [*draft.net_links, _VOID], [*draft.net_routes, *_SWALLOWED])
    routers = (first.name, second.name)
    return Topology(
        routers=routers,
        plans=draft.plans,
        wires=tuple(draft.wires),
        hosts=tuple(draft.hosts),
        vantages=draft.vantages,
        captures=tuple((wire[0], wire[1]) for name in routers for wire in draft.wires if wire[0] == name),
        behind_nat=behind_nat,
    )


# Where the network puts what it knows no way for. Having a way, it also answers ARP for it, as somebody on the wire may.
_VOID = Link(name="void", kind="dummy")
_SWALLOWED = (Route(prefix=Prefix.everything(4), link="void"), Route(prefix=Prefix.everything(6), link="void"))


class _Draft:
    """A topology in the making: grows by one router at a time, with everything around it."""

    def __init__(self) -> None:
        self.plans: dict[str, Plan] = {}
        self.wires: list[tuple[str, str, str, str]] = []
        self.hosts: list[Host] = []
        self.vantages: dict[str, Vantage] = {}
        self.net_links: list[Link] = []
        self.net_routes: list[Route] = []

    def connect(self, plan: Plan, other: Plan, rank: int, *, hidden: bool) -> None:
        """The router, its wire to the network or to its NAT box, and whatever is behind it."""
        self.plans[plan.name] = plan
        underlay = underlay_of(plan)
        gateways = _gateways(plan, underlay, other)
        if hidden:
            self._wire_to_nat(plan, underlay, gateways, other, rank)
        else:
            self._wire_to_net(plan.name, underlay, gateways, rank)
        near = self.wires[-1]
        self.vantages[plan.name] = Vantage(near[2], near[3], near[1])
        self._add_hosts(plan, underlay, rank)

    def _wire_to_net(self, node: str, link: Link, gateways: tuple[Attached, ...], rank: int) -> None:
        name = _NET_LINKS[rank]
        self.net_links.append(_wired(name, gateways))
        self.net_routes += [Route(prefix=Prefix.host(attached.address), link=name) for attached in link.addresses]
        self.wires.append((node, link.name, NET, name))

    def _wire_to_nat(
        self, plan: Plan, underlay: Link, gateways: tuple[Attached, ...], other: Plan, rank: int
    ) -> None:
        public = _public_address(plan, other)
        way = _neighbour(public, _addresses(other))
        outside = _wired("out", (public,))
        back = [Route(prefix=Prefix.host(attached.address), link="in") for attached in underlay.addresses]
        box = _between(
            NAT, [_wired("in", gateways), outside], [Route(prefix=Prefix.everything(4), via=way.address), *back]
        )
        masquerade = SourceNatRule(number=1, action="masquerade", out_link="out")
        self.plans[NAT] = msgspec.structs.replace(box, source_nat=(masquerade,))
        self._wire_to_net(NAT, outside, (way,), rank)
        self.wires.append((plan.name, underlay.name, NAT, "in"))

    def _add_hosts(self, plan: Plan, underlay: Link, rank: int) -> None:
        """A wire for every other Ethernet interface, because the kernel must have the device, and its host."""
        addresses = {link.name: _host_addresses(link) for link in inner_links(plan)}
        addresses |= dict.fromkeys(_bridge_ports(plan)[:1], (_BRIDGED[rank],))
        for link in plan.links:
            if link.kind != "ethernet" or link.name == underlay.name:
                continue
            node = f"{link.name}@{plan.name}"
            own = addresses.get(link.name, ()) if link.up else ()
            self.plans[node] = _host_plan(node, own, link)
            self.wires.append((plan.name, link.name, node, "eth0"))
            if own:
                self.hosts.append(Host(node, plan.name, link.name, tuple(item.address for item in own)))


def _connects(link: Link, address: Address) -> bool:
    return any(address in attached.prefix for attached in link.addresses)


def underlay_of(plan: Plan) -> Link:
    """The interface towards the network. Raises ValueError with one line where no wire can be put to it."""
    underlays = trust_of(plan).underlays
    found = [link for link in plan.links if link.name in underlays]
    if not found:
        raise ValueError("no interface carries a default route, a tunnel's or a peer's local address")
    outside = {address for connection in plan.connections for address in connection.local_addrs}
    found.sort(key=lambda link: not any(attached.address in outside for attached in link.addresses))
    link = found[0]
    if link.kind != "ethernet":
        raise ValueError(
            f"the lab needs an Ethernet interface towards the network, and {link.name} is a {link.kind}"
        )
    if not link.up:
        raise ValueError(f"the interface towards the network, {link.name}, is disabled")
    return link


def _with_way_out(plan: Plan, rank: int) -> Plan:
    """The Plan with what the network would give it: an address by DHCP, and a gateway where IPv6 has none.

    Nobody answers neighbour solicitations for everything, as the network answers ARP.
    """
    underlay = underlay_of(plan)
    given = underlay if underlay.addresses else msgspec.structs.replace(underlay, addresses=(_GIVEN[rank],))
    return msgspec.structs.replace(
        plan,
        links=tuple(given if link is underlay else link for link in plan.links),
        routes=tuple(
            msgspec.structs.replace(route, via=_ADVERTISED)
            if route.assumed and route.prefix.family == 6 and route.link == underlay.name
            else route
            for route in plan.routes
        ),
    )


def _gateways(plan: Plan, underlay: Link, other: Plan) -> tuple[Attached, ...]:
    """The addresses that the network must have on this wire: the router's next hops, but not the other router's."""
    taken = _addresses(plan) | _addresses(other)
    found: dict[Address, Attached] = {}
    for route in plan.routes:
        if route.via is None or route.via in taken:
            continue
        if route.link == underlay.name and route.via in _LINK_LOCAL:
            found[route.via] = Attached(route.via, 64)
        for attached in underlay.addresses:
            if route.via in attached.prefix:
                found[route.via] = Attached(route.via, attached.length)
    return tuple(found.values())


def _addresses(plan: Plan) -> frozenset[Address]:
    return frozenset(attached.address for link in plan.links for attached in link.addresses)


def _public_address(plan: Plan, other: Plan) -> Attached:
    """The NAT box's outer address: what the other router calls this one, or one of the documentation's."""
    taken = _addresses(plan) | _addresses(other)
    for connection in other.connections:
        for address in connection.remote_addrs:
            if address not in taken and address.family == 4:
                return Attached(address, 24)
    return _PUBLIC


def _neighbour(attached: Attached, taken: frozenset[Address]) -> Attached:
    """Another address of the same network: the first that nobody has."""
    return next(item for item in _others(attached) if item.address not in taken)


def _others(attached: Attached) -> Iterator[Attached]:
    """The addresses of a network that an interface beside this one may have; the tenth first, then in order."""
    prefix, family = attached.prefix, attached.address.family
    edges = 0 if prefix.length >= WIDTH_BITS[family] - 1 else 1
    first, last = prefix.first + edges, prefix.last - edges
    for value in (prefix.first + 10, *range(first, min(last, first + 40) + 1)):
        if first <= value <= last and value != attached.address.value:
            yield Attached(Address(family, value), attached.length)


def _between(name: str, links: list[Link], routes: list[Route]) -> Plan:
    """A node that forwards and answers ARP for whatever it knows a way to, at once (proxy_delay is up to 0.8 s)."""
    return Plan(
        name=name,
        links=tuple(links),
        routes=tuple(routes),
        sysctls=(
            Sysctl("net.ipv4.ip_forward", "1"),
            Sysctl("net.ipv6.conf.all.forwarding", "1"),
            Sysctl("net.ipv4.conf.all.proxy_arp", "1"),
            *(Sysctl(f"net.ipv4.neigh.{link.name}.proxy_delay", "0") for link in links),
        ),
    )


def _wired(name: str, addresses: tuple[Attached, ...]) -> Link:
    return Link(name=name, kind="ethernet", addresses=addresses)


def _host_plan(node: str, own: tuple[Attached, ...], towards: Link) -> Plan:
    """A host with these addresses, whose way to everything is the router's interface."""
    gateways: dict[int, Address] = {}
    for attached in towards.addresses:
        if any(attached.address in item.prefix for item in own):
            gateways.setdefault(attached.address.family, attached.address)
    routes = tuple(Route(prefix=Prefix.everything(via.family), via=via) for via in gateways.values())
    return Plan(name=node, links=(_wired("eth0", own),), routes=routes)


def _host_addresses(link: Link) -> tuple[Attached, ...]:
    """An address in each of the link's networks that has room for a host."""
    taken = frozenset(attached.address for attached in link.addresses)
    found: dict[Prefix, Attached] = {}
    for attached in link.addresses:
        if attached.prefix not in found and not _LINK_LOCAL.covers(attached.prefix):
            free = next((item for item in _others(attached) if item.address not in taken), None)
            if free is not None:
                found[attached.prefix] = free
    return tuple(found.values())


def _bridge_ports(plan: Plan) -> list[str]:
    """The Ethernet ports of bridges that a tunnel is a port of as well."""
    bridged = {link.master for link in plan.links if link.encapsulating and link.master}
    return [link.name for link in plan.links if link.kind == "ethernet" and link.master in bridged]
