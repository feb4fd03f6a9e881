"""The lab's network, inferred from two Plans: a pure value that the agent builds and the report draws.

    host ── east ── (nat) ── net ── west ── host

``net`` stands for everything between the routers. It knows the way to the routers' outer addresses and to nothing
else, as the Internet does. It answers ARP for everything, so that an assumed WAN without a gateway works too.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from sapper.address import Address, Attached, Family, Prefix
from sapper.kernel.plan import Link, Plan, Route, SourceNatRule, Sysctl
from sapper.lab.result import Node, Wire
from sapper.proof.bypass import inner_links
from sapper.proof.trust import trust_of

NET = "net"
NAT = "nat"
_FORWARDING = (Sysctl("net.ipv4.ip_forward", "1"), Sysctl("net.ipv6.conf.all.forwarding", "1"))
_PUBLIC: Attached = Attached.parse("198.51.100.2/24")
_HOST_LENGTH = {4: 32, 6: 128}
# Layer 2 hosts behind a bridged tunnel share one network (RFC 2544's range, never on the Internet).
_BRIDGED = {"first": Attached.parse("198.18.0.1/24"), "second": Attached.parse("198.18.0.2/24")}


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
    plans: dict[str, Plan] = {}
    wires: list[tuple[str, str, str, str]] = []
    net_links: list[Link] = []
    net_routes: list[Route] = []
    vantages: dict[str, Vantage] = {}
    hosts: list[Host] = []
    for plan, other, rank in ((first, second, "first"), (second, first, "second")):
        underlay = _underlay(plan)
        plans[plan.name] = _with_address(plan, underlay, rank)
        underlay = plans[plan.name].link(underlay.name) or underlay
        gateways = _gateways(plan, underlay)
        hop = NET
        if plan.name == behind_nat:
            hop = NAT
            public = _public_address(plan, other)
            plans[NAT] = _nat_plan(gateways, public)
            wires.append((NAT, "out", NET, f"to-{NAT}"))
            net_links.append(_wired(f"to-{NAT}", (_neighbour(public),)))
        else:
            net_links.append(_wired(f"to-{plan.name}", gateways))
            net_routes += _host_routes(underlay, f"to-{plan.name}")
        far_link = "in" if hop == NAT else f"to-{plan.name}"
        wires.append((plan.name, underlay.name, hop, far_link))
        vantages[plan.name] = Vantage(hop, far_link, underlay.name)
        for host, host_plan in _hosts(plan, rank):
            plans[host.node] = host_plan
            wires.append((plan.name, host.router_link, host.node, "eth0"))
            hosts.append(host)
        wires += _spare_wires(plan, underlay, hosts)
        for name in (wire[2] for wire in wires if wire[0] == plan.name and wire[2] not in plans and wire[2] != NET):
            plans[name] = Plan(name=name, links=(_wired("eth0", ()),))
    plans[NET] = Plan(name=NET, links=tuple(net_links), routes=tuple(net_routes), sysctls=_FORWARDING)
    captures = tuple((plan.name, wire[1]) for plan in (first, second) for wire in wires if wire[0] == plan.name)
    return Topology(
        routers=(first.name, second.name),
        plans=plans,
        wires=tuple(wires),
        hosts=tuple(hosts),
        vantages=vantages,
        captures=captures,
        behind_nat=behind_nat,
    )


def _underlay(plan: Plan) -> Link:
    underlays = trust_of(plan).underlays
    found = [link for link in plan.links if link.name in underlays]
    if not found:
        raise ValueError(f"{plan.name}: no interface carries a default route, a tunnel's or a peer's local address")
    if len(found) > 1:
        outside = {address for connection in plan.connections for address in connection.local_addrs}
        found.sort(key=lambda link: not any(attached.address in outside for attached in link.addresses))
    if found[0].kind != "ethernet":
        raise ValueError(
            f"{plan.name}: the lab needs an Ethernet interface towards the network, not {found[0].kind}"
        )
    return found[0]


def _with_address(plan: Plan, underlay: Link, rank: str) -> Plan:
    """The Plan with an address on its underlay: one by DHCP is given here."""
    if underlay.addresses:
        return plan
    number = 1 if rank == "first" else 2
    given = Attached.parse(f"198.18.{number}.10/24")
    links = tuple(
        msgspec.structs.replace(link, addresses=(given,)) if link.name == underlay.name else link
        for link in plan.links
    )
    return msgspec.structs.replace(plan, links=links)


def _gateways(plan: Plan, underlay: Link) -> tuple[Attached, ...]:
    """The addresses that the network must have on this wire: the router's next hops."""
    found: dict[Address, Attached] = {}
    for route in plan.routes:
        for attached in underlay.addresses:
            if route.via is not None and route.via in attached.prefix and route.via != attached.address:
                found[route.via] = Attached(route.via, attached.length)
    return tuple(found.values())


def _host_routes(underlay: Link, link: str) -> list[Route]:
    return [Route(prefix=Prefix.host(attached.address), link=link) for attached in underlay.addresses]


def _public_address(plan: Plan, other: Plan) -> Attached:
    """The NAT box's outer address: what the other router calls this one, or one of the documentation's."""
    own = {attached.address for link in plan.links for attached in link.addresses}
    for connection in other.connections:
        for address in connection.remote_addrs:
            if address not in own and address.family == 4:
                return Attached(address, 24)
    return _PUBLIC


def _neighbour(attached: Attached) -> Attached:
    """Another address of the same network: the first, or the second where the first is taken."""
    first = Address(attached.address.family, attached.prefix.first + 1)
    if first == attached.address:
        first = Address(first.family, first.value + 1)
    return Attached(first, attached.length)


def _nat_plan(gateways: tuple[Attached, ...], public: Attached) -> Plan:
    way = _neighbour(public).address
    return Plan(
        name=NAT,
        links=(_wired("in", gateways), _wired("out", (public,))),
        routes=(Route(prefix=Prefix.everything(4), via=way),),
        sysctls=_FORWARDING,
        source_nat=(SourceNatRule(number=1, action="masquerade", out_link="out"),),
    )


def _wired(name: str, addresses: tuple[Attached, ...]) -> Link:
    return Link(name=name, kind="ethernet", addresses=addresses)


def _hosts(plan: Plan, rank: str) -> list[tuple[Host, Plan]]:
    """A host behind each inner interface that has an address, and behind each port of a bridged tunnel's bridge."""
    found = []
    for link in inner_links(plan):
        if link.kind == "bridge" or not link.addresses:
            continue
        node = f"{plan.name}-{link.name}"
        own = [_host_address(attached) for attached in link.addresses]
        routes = [
            Route(prefix=Prefix.everything(attached.address.family), via=attached.address)
            for attached in link.addresses
        ]
        host = Host(node, plan.name, link.name, tuple(attached.address for attached in own))
        found.append((host, Plan(name=node, links=(_wired("eth0", tuple(own)),), routes=tuple(routes))))
    bridged = {link.master for link in plan.links if link.encapsulating and link.master}
    for link in plan.links:
        if link.kind == "ethernet" and link.master in bridged:
            node = f"{plan.name}-{link.name}"
            own_address = _BRIDGED[rank]
            host = Host(node, plan.name, link.name, (own_address.address,))
            found.append((host, Plan(name=node, links=(_wired("eth0", (own_address,)),))))
            break
    return found


def _host_address(attached: Attached) -> Attached:
    """The tenth address of the network where it has one, else any that the router has not."""
    prefix = attached.prefix
    wished = prefix.first + 10
    value = wished if wished < prefix.last and wished != attached.address.value else prefix.first + 1
    if value == attached.address.value:
        value += 1
    family: Family = attached.address.family
    return Attached(Address(family, value), attached.length)


def _spare_wires(plan: Plan, underlay: Link, hosts: list[Host]) -> list[tuple[str, str, str, str]]:
    """A wire to nowhere for every other Ethernet interface: the kernel must have the device."""
    wired = {underlay.name, *(host.router_link for host in hosts if host.router == plan.name)}
    return [
        (plan.name, link.name, f"{plan.name}-{link.name}", "eth0")
        for link in plan.links
        if link.kind == "ethernet" and link.name not in wired
    ]
