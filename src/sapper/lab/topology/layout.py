"""Lays the network out around the routers: what the configurations imply, changed by what a sketch says.

Every underlay of a router is wired to a WAN, or to the innermost of its NAT boxes, whose outermost is. WANs that are
not isolated are joined with each other, and each knows the way to everybody's outer addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Link, Plan, Route
from sapper.lab.topology.between import (
    INSIDE,
    OUTSIDE,
    attacker_host,
    furnished,
    join,
    nat_box,
    network,
    scrambling,
    wired,
)
from sapper.lab.topology.lan import hosts_behind
from sapper.lab.topology.routing import daemons_of, without_static
from sapper.lab.topology.sketch import NatBox, Sketch, Wan
from sapper.lab.topology.underlay import (
    addresses_of,
    gateways_of,
    neighbour_of,
    others_in,
    underlays_of,
    with_ways_out,
)
from sapper.lab.topology.value import NAT, NET, Furnishing, Host, Topology, Vantage

_PUBLIC: Attached = Attached.parse("198.51.100.2/24")  # TEST-NET-2 (RFC 5737)
_SHARED = Prefix.parse("100.64.0.0/16")  # between two NAT boxes of a chain (RFC 6598)
_ATTACKERS: tuple[Attached, ...] = (Attached.parse("198.51.100.66/24"), Attached.parse("2001:db8:66::66/64"))

Peers = Mapping[str, Mapping[str, str]]


def infer(first: Plan, second: Plan, behind_nat: str | None = None) -> Topology:
    """The topology for two completed Plans. Raises ValueError with one line where it cannot be built."""
    boxes = (NatBox(router=behind_nat),) if behind_nat is not None else ()
    return lay_out((first, second), Sketch(nats=boxes))


def lay_out(plans: Sequence[Plan], sketch: Sketch | None = None, peers: Peers | None = None) -> Topology:
    """The topology for completed Plans; ``peers`` says which connection leads to whom. Raises ValueError."""
    draft = _Draft(plans, sketch or Sketch(), peers or {})
    for rank, plan in enumerate(plans):
        draft.connect(with_ways_out(without_static(plan, draft.sketch.routing), rank), rank)
    draft.add_attackers()
    draft.join_networks()
    return draft.topology()


class _Net:
    """A network in the making."""

    def __init__(self, wan: Wan) -> None:
        self.wan = wan
        self.links: list[Link] = []
        self.routes: list[Route] = []
        self.near: list[tuple[Attached, str]] = []

    def next_link(self) -> str:
        at = len(self.links)
        return ("first", "second")[at] if at < 2 else f"port{at + 1}"


class _Draft:
    """A topology in the making: grows by one router at a time, with everything around it."""

    def __init__(self, plans: Sequence[Plan], sketch: Sketch, peers: Peers) -> None:
        self.routers = tuple(plan.name for plan in plans)
        self.sketch = sketch
        self.peers = peers
        self.given = {plan.name: plan for plan in plans}
        self.nets = {wan.name: _Net(wan) for wan in sketch.wans or (Wan(name=NET),)}
        self.plans: dict[str, Plan] = {}
        self.wires: list[tuple[str, str, str, str]] = []
        self.hosts: list[Host] = []
        self.vantages: dict[str, Vantage] = {}
        self.outside: dict[str, tuple[Address, ...]] = {}
        self.nats: list[str] = []
        self.furnishings: dict[str, Furnishing] = {}
        self.attackers: dict[str, str] = {}
        self.taken = frozenset(address for plan in plans for address in addresses_of(plan))
        self.public: set[Address] = set()

    def connect(self, plan: Plan, rank: int) -> None:
        """The router, its wires to the networks or to its NAT boxes, and whatever is behind it."""
        self.plans[plan.name] = plan
        underlays = underlays_of(plan)
        for at, link in enumerate(underlays):
            gateways = gateways_of(plan, link, self.taken)
            boxes = [
                box
                for box in self.sketch.boxes(plan.name)
                if box.interface in ((None, link.name) if at == 0 else (link.name,))
            ]
            net = self._net_for(plan.name, link)
            if boxes:
                self._wire_to_boxes(plan, link, gateways, boxes, net)
            else:
                self._wire_to_net(plan.name, link, gateways, net)
                self._know(plan.name, link.addresses)
            near = next(wire for wire in self.wires if wire[:2] == (plan.name, link.name))
            self.vantages.setdefault(plan.name, Vantage(near[2], near[3], near[1]))
        for node, wire, host in hosts_behind(plan, [link.name for link in underlays], rank, self.sketch.lans):
            self.plans[node.name] = node
            self.wires.append(wire)
            self.hosts += [host] if host is not None else []

    def _know(self, router: str, addresses: tuple[Attached, ...]) -> None:
        self.outside[router] = (*self.outside.get(router, ()), *(item.address for item in addresses))

    def _net_for(self, router: str, link: Link) -> _Net:
        nets = list(self.nets.values())
        for net in nets:
            if (router, link.name) in net.wan.interfaces:
                return net
        for net in nets:
            if any(item.address in prefix for item in link.addresses for prefix in net.wan.networks):
                return net
        return next((net for net in nets if not net.wan.networks), nets[0])

    def _wire_to_net(self, node: str, link: Link, gateways: tuple[Attached, ...], net: _Net) -> None:
        name = net.next_link()
        net.links.append(wired(name, gateways))
        net.routes += [Route(prefix=Prefix.host(attached.address), link=name) for attached in link.addresses]
        net.near += [(attached, name) for attached in link.addresses]
        self.wires.append((node, link.name, net.wan.name, name))

    def _wire_to_boxes(
        self, plan: Plan, link: Link, gateways: tuple[Attached, ...], boxes: list[NatBox], net: _Net
    ) -> None:
        """The router's wire to the first box, each box' wire to the next, and that of the last to the network."""
        near, near_link, inside = plan.name, link.name, tuple(item.address for item in link.addresses)
        waiting: list[tuple[str, str, str, str]] = []
        for at, box in enumerate(boxes):
            outermost = at == len(boxes) - 1
            name = self._nat_name(plan.name)
            called = self._called(plan)
            outside = box.outside or (self._public_address(called) if outermost else self._shared_address())
            self.public.add(outside.address)
            way = neighbour_of(outside, self.taken | self.public)
            forward = outside.address in called or not outermost if box.forward is None else box.forward
            self.plans[name] = nat_box(name, box, gateways, outside, way.address, inside, forward)
            self.nats.append(name)
            if not box.port_preserving:
                self.furnishings[name] = scrambling()
            waiting.append((near, near_link, name, INSIDE))
            near, near_link, inside, gateways = name, OUTSIDE, (outside.address,), (way,)
        last = self.plans[near].link(OUTSIDE)
        assert last is not None
        self._wire_to_net(near, last, gateways, net)
        self._know(plan.name, last.addresses)
        self.wires += reversed(waiting)

    def _nat_name(self, router: str) -> str:
        """One box is simply the NAT; of several each is named for its router, a chain's further ones with a number."""
        if len(self.sketch.nats) == 1:
            return NAT
        number = sum(name.endswith(f"@{router}") for name in self.nats)
        return f"{NAT}{number + 1 if number else ''}@{router}"

    def _called(self, plan: Plan) -> list[Address]:
        """What the others call this router, where that is no address of a router."""
        found = []
        for name, other in self.given.items():
            known = self.peers.get(name)
            for connection in other.connections:
                if name != plan.name and (known is None or known.get(connection.name) == plan.name):
                    found += [
                        item for item in connection.remote_addrs if item not in self.taken and item.family == 4
                    ]
        return found

    def _public_address(self, called: list[Address]) -> Attached:
        """The NAT box's outer address: what another router calls this one, or one of the documentation's."""
        if called:
            return Attached(called[0], 24)
        free = (item for item in (_PUBLIC, *others_in(_PUBLIC)) if item.address not in self.taken | self.public)
        return next(free)

    def _shared_address(self) -> Attached:
        number = sum(address in _SHARED for address in self.public)
        return Attached(Address(4, _SHARED.first + (number << 8) + 2), 24)

    def add_attackers(self) -> None:
        """A host for each attacker, on its WAN or on the first."""
        for number, attacker in enumerate(self.sketch.attackers):
            net = self.nets[attacker.wan] if attacker.wan else next(iter(self.nets.values()))
            own = tuple(_numbered(item, number) for item in _ATTACKERS)
            own = (attacker.address,) if attacker.address else own
            gateways = tuple(
                neighbour_of(item, self.taken | self.public | {item.address for item in own}) for item in own
            )
            host = attacker_host(attacker.name, own, tuple(item.address for item in gateways))
            self.plans[attacker.name] = host
            self.attackers[attacker.name] = "eth0"
            self._wire_to_net(attacker.name, host.links[0], gateways, net)

    def join_networks(self) -> None:
        """A wire between every two networks that are not isolated, and each one's way to the other's routers."""
        nets = [net for net in self.nets.values() if not net.wan.isolated]
        known = {net.wan.name: [attached.address for attached, _ in net.near] for net in nets}
        pairs = [(near, far) for at, near in enumerate(nets) for far in nets[at + 1 :]]
        for at, (near, far) in enumerate(pairs):
            wire, links, hops = join(at, near.wan.name, far.wan.name)
            self.wires.append(wire)
            for net, link, ways, there in ((near, links[0], hops[:2], far), (far, links[1], hops[2:], near)):
                net.links.append(link)
                net.routes += [
                    Route(prefix=Prefix.host(address), via=ways[address.family == 6], link=link.name)
                    for address in known[there.wan.name]
                ]

    def topology(self) -> Topology:
        """The whole of it, as a value."""
        for net in self.nets.values():
            self.plans[net.wan.name] = network(net.wan.name, net.links, net.routes)
            extra = furnished(net.wan, net.links, net.routes, _proxied(net))
            if extra != Furnishing():
                self.furnishings[net.wan.name] = extra
        hidden = [name for name in self.routers if name in self.sketch.hidden()]
        return Topology(
            routers=self.routers,
            plans=self.plans,
            wires=tuple(self.wires),
            hosts=tuple(self.hosts),
            vantages=self.vantages,
            captures=tuple(_captures(self.wires, (*self.routers, *self.nats))),
            behind_nat=hidden[0] if hidden else None,
            nets=tuple(self.nets),
            nats=tuple(self.nats),
            attackers=self.attackers,
            peers={router: dict(known) for router, known in self.peers.items()},
            outside=self.outside,
            furnishings=self.furnishings,
            routing=daemons_of(self.sketch.routing, [self.plans[name] for name in self.routers]),
        )


def _captures(wires: Iterable[tuple[str, str, str, str]], nodes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every end of a wire that is at one of the nodes, node by node: of a NAT box both sides."""
    ends = [end for wire in wires for end in (wire[:2], wire[2:])]
    for node in nodes:
        yield from (end for end in ends if end[0] == node)


def _numbered(attached: Attached, number: int) -> Attached:
    return Attached(Address(attached.address.family, attached.address.value + number), attached.length)


def _proxied(net: _Net) -> list[tuple[Address, str]]:
    """IPv6 neighbours that are on different wires of one network: ARP is answered for all, solicitations one by one."""
    return [
        (far.address, link)
        for near, link in net.near
        for far, far_link in net.near
        if far_link != link and far.address.family == 6 and far.address in near.prefix
    ]
