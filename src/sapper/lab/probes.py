"""What the lab sends: for each entry of a router, the packets of its protected networks and selector flows.

Every probe carries a token that names its router, entry and flow, so that a capture can say which flow a clear
packet belongs to. A probe goes where the proof's packet classes go: to the far LAN, to the far end of the tunnel, and
along the selectors outside of the tunnel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from sapper.address import Address, Family, Prefix
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Link, Plan, Selector
from sapper.lab.topology import Topology
from sapper.proof.properties.classes import address_cuts, atoms
from sapper.proof.properties.protected import Entry, networks_of

COUNT = 5
PROBE_PORT = 47011
_UDP = 17
_MOST_PARTS = 8


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One flow of ``COUNT`` packets. ``through``: the far side should hear it when the tunnel works.

    ``stated``: it is for a network that a person says to protect, wherever the routes lead to.
    A ``source_port`` of 0 is any. Receivers hear UDP on PROBE_PORT only; other probes are seen on wires alone.
    """

    node: str
    source: Address | None
    destination: Address
    protocol: int
    port: int
    source_port: int
    token: str
    through: bool
    stated: bool = False

    def to_message(self) -> dict[str, Any]:
        """The agent's form."""
        return {
            "node": self.node,
            "source": str(self.source) if self.source else "",
            "destination": str(self.destination),
            "protocol": self.protocol,
            "port": self.port,
            "source_port": self.source_port,
            "token": self.token,
            "count": COUNT,
        }


def probes_of(topology: Topology, router: str, entry: Entry) -> tuple[Probe, ...]:
    """The probes for one entry of a router; empty where nothing can be sent."""
    plan = topology.plans[router]
    far = far_of(topology, router, entry)
    if far is None:
        return ()
    flows = list(_into_tunnel(topology, plan, far, entry))
    flows += _stated(topology, plan, entry)
    flows += _along_selectors(topology, plan, far, entry)
    return tuple(
        msgspec.structs.replace(probe, token=f"sapper:{router}:{entry.name.replace(' ', '_')}:{at}")
        for at, probe in enumerate(flows)
    )


def _into_tunnel(topology: Topology, plan: Plan, far: str, entry: Entry) -> Iterator[Probe]:
    if entry.link is not None and entry.link.master is not None:
        yield from _bridged(topology, plan, far)
        return
    for network in _own_networks(plan, entry):
        connected = entry.link is not None and any(item.prefix == network for item in entry.link.addresses)
        destination = _far_address(topology, far, network, _addresses(plan))
        if destination is None:
            continue
        node, source = plan.name, _own_within(entry.link, network) if connected else None
        host = _host_of(topology, plan.name, network.family)
        if host is not None and not connected:
            node, source = host
        yield _probe(node, source, destination, _UDP, (0, PROBE_PORT), through=True)


def far_of(topology: Topology, router: str, entry: Entry) -> str | None:
    """The router at the far end: the one that the connections lead to; without any, the one that has its address."""
    if entry.connections or entry.link is None:
        return topology.far(router, entry.connections)
    ends = ends_of(entry.link)
    remotes = frozenset(ends.remotes if ends is not None else ())
    others = (name for name in topology.routers if name != router)
    return next(
        (name for name in others if remotes & {*topology.outside.get(name, ()), *_addresses(topology.plans[name])}),
        None,
    )


def _own_networks(plan: Plan, entry: Entry) -> list[Prefix]:
    """The entry's networks without those that are its own only because a person says so."""
    routed = frozenset(networks_of(plan, entry.link) if entry.link is not None else ())
    stated = frozenset(plan.stated.protect) - routed
    return [network for network in entry.networks if network not in stated]


def _stated(topology: Topology, plan: Plan, entry: Entry) -> Iterator[Probe]:
    """Into every part of a stated network that the kernel tells apart, but where the tunnel's own networks lie."""
    own = _own_networks(plan, entry)
    mine = _addresses(plan)
    for network in entry.networks:
        if network in own or any(other.covers(network) for other in own):
            continue
        cuts = [cut for cut in address_cuts(plan) if network.covers(cut)]
        reached = [
            item for item in atoms(network, cuts) if item not in mine and not any(item in other for other in own)
        ]
        host = _host_of(topology, plan.name, network.family)
        for destination in reached[:_MOST_PARTS]:
            node, source = host if host is not None else (plan.name, None)
            probe = _probe(node, source, destination, _UDP, (0, PROBE_PORT), through=True)
            yield msgspec.structs.replace(probe, stated=True)


def _bridged(topology: Topology, plan: Plan, far: str) -> Iterator[Probe]:
    here, there = _host_of(topology, plan.name, 4), _host_of(topology, far, 4)
    if here is not None and there is not None:
        yield _probe(here[0], here[1], there[1], _UDP, (0, PROBE_PORT), through=True)


def _along_selectors(topology: Topology, plan: Plan, far: str, entry: Entry) -> Iterator[Probe]:
    for local, remote in entry.flows:
        protocol = local.protocol or remote.protocol or _UDP
        if entry.link is not None and entry.link.encapsulating and protocol == entry.link.encapsulating.protocol:
            continue  # the tunnel's own packets: sent by the tunnel
        sender = _sender_within(topology, plan, local)
        destination = _far_address(topology, far, remote.prefix, frozenset())
        if sender is not None and destination is not None:
            port = remote.port or PROBE_PORT
            through = entry.link is None and (protocol, port) == (_UDP, PROBE_PORT)
            yield _probe(*sender, destination, protocol, (local.port or 0, port), through=through)


def _probe(
    node: str,
    source: Address | None,
    destination: Address,
    protocol: int,
    ports: tuple[int, int],
    *,
    through: bool,
) -> Probe:
    return Probe(
        node=node,
        source=source,
        destination=destination,
        protocol=protocol,
        port=ports[1],
        source_port=ports[0],
        token="",
        through=through,
    )


def _addresses(plan: Plan) -> frozenset[Address]:
    return frozenset(attached.address for link in plan.links for attached in link.addresses)


def _far_address(topology: Topology, far: str, network: Prefix, mine: frozenset[Address]) -> Address | None:
    """A host of the far side in that network, else the far router's own address there, else any other address."""
    for host in topology.hosts:
        if host.router == far:
            for address in host.addresses:
                if address in network:
                    return address
    for address in sorted(_addresses(topology.plans[far])):
        if address in network and address not in mine:
            return address
    for value in (network.first + 2, network.first + 1, network.first):
        address = Address(network.family, value)
        if address in network and address not in mine:
            return address
    return None


def _host_of(topology: Topology, router: str, family: Family) -> tuple[str, Address] | None:
    for host in topology.hosts:
        for address in host.addresses:
            if host.router == router and address.family == family:
                return host.node, address
    return None


def _own_within(link: Link | None, network: Prefix) -> Address | None:
    own = (attached.address for attached in (link.addresses if link else ()) if attached.address in network)
    return next(own, None)


def _sender_within(topology: Topology, plan: Plan, local: Selector) -> tuple[str, Address] | None:
    """Who can send from inside a local selector: a host behind the router, or the router itself."""
    for host in topology.hosts:
        for address in host.addresses:
            if host.router == plan.name and address in local.prefix:
                return host.node, address
    for address in sorted(_addresses(plan)):
        if address in local.prefix:
            return plan.name, address
    return None
