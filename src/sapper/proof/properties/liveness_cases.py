"""The packets that liveness asks about: those that are meant to go through the entry, a class each.

A tunnel wraps what it is given, so a frame and one packet of each family of its networks stand for all. A VTI asks its
policies about each packet: one to the far end of a connected network, and every class of a network that is routed to
it. A plain connection has the flows of its selectors, but for what does not pass the router at all: the narrower of two
selectors that overlap is not on the other side of the wider one, and no address of this router is, nor a network behind
it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Family, Prefix
from sapper.kernel.links import record_of
from sapper.kernel.plan import Link, Plan, Selector
from sapper.proof.facts.packet import Packet
from sapper.proof.facts.trust import trust_of
from sapper.proof.properties.classes import address_cuts, atoms, packets
from sapper.proof.properties.protected import Entry, child_protects, networks_of
from sapper.proof.properties.question import Case
from sapper.proof.states.effective import local_selectors, remote_selectors

_UDP = 17
# A host behind the router in a configuration that shows none (TEST-NET-2, RFC 5737; RFC 3849).
_SOMEBODY: dict[int, Address] = {4: Address.parse("198.51.100.77"), 6: Address.parse("2001:db8:5a:1::77")}


def cases_of(plan: Plan, entry: Entry) -> Iterator[Case]:
    """Every case of an entry of a completed Plan."""
    link, inner = entry.link, inner_networks(plan)
    if link is None:
        yield from _flow_cases(plan, entry, inner)
        return
    networks = tuple(networks_of(plan, link))
    yield from device_cases(entry, link, networks)
    cuts = address_cuts(plan) if link.kind == "xfrm" else ()
    for network, source in routed_to_vti(entry, link, networks, inner):
        inside = [cut for cut in cuts if network.covers(cut)]
        for packet in packets(plan, [source], atoms(network, inside)):
            yield Case(enters=link.name, packet=packet, device=link, network=network)


def inner_networks(plan: Plan) -> tuple[Prefix, ...]:
    """The networks directly behind the router."""
    trust = trust_of(plan)
    inner = (link for link in plan.links if link.name in trust.wired and link.name not in trust.underlays)
    return tuple(dict.fromkeys(attached.prefix for link in inner for attached in link.addresses))


def device_cases(entry: Entry, link: Link, networks: tuple[Prefix, ...]) -> Iterator[Case]:
    """Single packets (or a frame) that are handed to the device; of a VTI only those for connected networks."""
    if link.wireguard is not None:
        yield from _wireguard_cases(link)
    elif link.kind == "xfrm":
        yield from _connected_to_vti(entry, link)
    else:
        yield Case(enters=link.name, packet=None, device=link)
        record = record_of(link)
        if record is not None and record.layer == 3:
            yield from _of_each_family(link, networks)


def _of_each_family(link: Link, networks: tuple[Prefix, ...]) -> Iterator[Case]:
    for family in sorted({network.family for network in networks}):
        network = next(network for network in networks if network.family == family)
        own = next((item.address for item in link.addresses if item.address.family == family), None)
        packet = Packet(source=own, destination=Address(family, network.last), protocol=_UDP)
        yield Case(enters=link.name, packet=packet, device=link, network=network)


def _wireguard_cases(link: Link) -> Iterator[Case]:
    """For each peer whose endpoint is known a packet that it may be sent."""
    assert link.wireguard is not None
    for peer in link.wireguard.peers:
        for prefix in peer.allowed if peer.endpoint is not None else ():
            packet = Packet(source=None, destination=Address(prefix.family, prefix.last), protocol=_UDP)
            yield Case(enters=link.name, packet=packet, device=link, network=prefix)


def _connected_to_vti(entry: Entry, link: Link) -> Iterator[Case]:
    """A packet to the far end of each connected network: to an address that the selectors hold, if they hold any."""
    selected = [remote for _, remote in _selectors(entry, link)]
    for attached in link.addresses:
        there = next(_others(attached.prefix, attached.address, selected), None)
        if there is not None:
            packet = Packet(source=attached.address, destination=there, protocol=_UDP)
            yield Case(enters=link.name, packet=packet, device=link, network=attached.prefix)


def _others(network: Prefix, own: Address, selected: list[Prefix]) -> Iterator[Address]:
    for prefix in (*selected, network):
        if prefix.family == network.family and prefix.overlaps(network):
            low, high = max(prefix.first, network.first), min(prefix.last, network.last)
            for value in (low + 1, low + 2, low):
                if low <= value <= high and value != own.value:
                    yield Address(network.family, value)


def routed_to_vti(
    entry: Entry, link: Link, networks: tuple[Prefix, ...], inner: tuple[Prefix, ...]
) -> Iterator[tuple[Prefix, Address]]:
    """Each network that is routed to a VTI, with a source for its packets: one that the selectors hold, if any is."""
    if link.kind != "xfrm":
        return
    connected = {attached.prefix for attached in link.addresses}
    selected = [local for local, _ in _selectors(entry, link)]
    for network in networks:
        if network not in connected:
            yield network, _origin(network.family, link, inner, selected)


def _origin(family: Family, link: Link, inner: tuple[Prefix, ...], selected: list[Prefix]) -> Address:
    behind = [
        Address(family, network.last - (network.length < 31)) for network in inner if network.family == family
    ]
    own = [item.address for item in link.addresses if item.address.family == family]
    likely = [*behind, *own] or [_SOMEBODY[family]]
    held = (address for address in likely if any(address in prefix for prefix in selected))
    return next(held, likely[0])


def _selectors(entry: Entry, link: Link) -> Iterator[tuple[Prefix, Prefix]]:
    """Local and remote prefixes of the children that are bound to a VTI."""
    for connection in entry.connections:
        for child in connection.children:
            if child.mode != "pass" and child_protects(connection, child, link):
                for local in local_selectors(connection, child):
                    for remote in remote_selectors(connection, child):
                        yield local.prefix, remote.prefix


def _flow_cases(plan: Plan, entry: Entry, inner: tuple[Prefix, ...]) -> Iterator[Case]:
    cuts = address_cuts(plan)
    own = {attached.address for link in plan.links for attached in link.addresses}
    for local, remote in entry.flows:
        only = local.protocol if local.protocol is not None else remote.protocol
        near, far = not_through(local.prefix, remote.prefix, inner)
        sources = _atoms_but(local.prefix, cuts, near)
        destinations = [one for one in _atoms_but(remote.prefix, cuts, far) if one not in own]
        for packet in packets(plan, sources, destinations, only):
            if _has_ports(packet, local, remote):
                yield Case(enters="local", packet=packet, network=remote.prefix)


def _atoms_but(prefix: Prefix, cuts: tuple[Prefix, ...], without: tuple[Prefix, ...]) -> list[Address]:
    inside = [cut for cut in (*cuts, *without) if prefix.covers(cut)]
    return [one for one in atoms(prefix, inside) if not any(one in other for other in without)]


def _has_ports(packet: Packet, local: Selector, remote: Selector) -> bool:
    return local.port in (None, packet.source_port) and remote.port in (None, packet.destination_port)


def not_through(
    local: Prefix, remote: Prefix, inner: tuple[Prefix, ...]
) -> tuple[tuple[Prefix, ...], tuple[Prefix, ...]]:
    """Sources that are on the far side, and destinations that are on this one: their packets do not pass the router."""
    near = (remote,) if local != remote and local.covers(remote) else ()
    here = (local, *(prefix for prefix in inner if prefix.family == remote.family))
    return near, tuple(prefix for prefix in here if prefix != remote and remote.covers(prefix))
