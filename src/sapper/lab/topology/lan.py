"""The hosts behind a router: one for every Ethernet interface that leads to no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Link, Plan, Route
from sapper.lab.topology.between import wired
from sapper.lab.topology.sketch import Lan
from sapper.lab.topology.underlay import LINK_LOCAL, others_in
from sapper.lab.topology.value import Host
from sapper.proof.properties.bypass import inner_links

_BRIDGED = Prefix.parse("198.18.0.0/24")  # hosts on layer 2, on both sides of a tunnel (RFC 2544's range)


def hosts_behind(
    plan: Plan, underlays: Iterable[str], rank: int, lans: Iterable[Lan]
) -> Iterator[tuple[Plan, tuple[str, str, str, str], Host | None]]:
    """The node, its wire and its addresses: the kernel must have every device, so each has a wire."""
    addresses = {link.name: _host_addresses(link) for link in inner_links(plan)}
    bridged = Attached(Address(4, _BRIDGED.first + rank + 1), _BRIDGED.length)
    addresses |= dict.fromkeys(_bridge_ports(plan)[:1], (bridged,))
    wanted = {lan.interface: lan.hosts for lan in lans if lan.router == plan.name and lan.hosts}
    without = frozenset(underlays)
    for link in plan.links:
        if link.kind != "ethernet" or link.name in without:
            continue
        node = f"{link.name}@{plan.name}"
        own = _named(link, wanted[link.name]) if link.name in wanted else addresses.get(link.name, ())
        own = own if link.up else ()
        host = Host(node, plan.name, link.name, tuple(item.address for item in own)) if own else None
        yield _host_plan(node, own, link), (plan.name, link.name, node, "eth0"), host


def _named(link: Link, hosts: tuple[Address, ...]) -> tuple[Attached, ...]:
    """The hosts with the length of the network that they are in; raises ValueError for one that is in none."""
    found = []
    for address in hosts:
        near = next((item for item in link.addresses if address in item.prefix and address != item.address), None)
        if near is None:
            raise ValueError(f"{address} is no free address of a network of {link.name}")
        found.append(Attached(address, near.length))
    return tuple(found)


def _host_plan(node: str, own: tuple[Attached, ...], towards: Link) -> Plan:
    """A host with these addresses, whose way to everything is the router's interface."""
    gateways: dict[int, Address] = {}
    for attached in towards.addresses:
        if any(attached.address in item.prefix for item in own):
            gateways.setdefault(attached.address.family, attached.address)
    routes = tuple(Route(prefix=Prefix.everything(via.family), via=via) for via in gateways.values())
    return Plan(name=node, links=(wired("eth0", own),), routes=routes)


def _host_addresses(link: Link) -> tuple[Attached, ...]:
    """An address in each of the link's networks that has room for a host."""
    taken = frozenset(attached.address for attached in link.addresses)
    found: dict[Prefix, Attached] = {}
    for attached in link.addresses:
        if attached.prefix not in found and not LINK_LOCAL.covers(attached.prefix):
            free = next((item for item in others_in(attached) if item.address not in taken), None)
            if free is not None:
                found[attached.prefix] = free
    return tuple(found.values())


def _bridge_ports(plan: Plan) -> list[str]:
    """The Ethernet ports of bridges that a tunnel is a port of as well."""
    bridged = {link.master for link in plan.links if link.encapsulating and link.master}
    return [link.name for link in plan.links if link.kind == "ethernet" and link.master in bridged]
