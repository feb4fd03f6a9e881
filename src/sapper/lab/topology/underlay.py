"""A router's interfaces towards the networks: which they are, and what a network must give them to work.

Addresses that the lab gives are of RFC 2544's range, which is never on the Internet.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.address import WIDTH_BITS, Address, Attached, Prefix
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.trust import trust_of

LINK_LOCAL = Prefix.parse("fe80::/10")
_ADVERTISED = Address.parse("fe80::fe")  # the gateway that router advertisements would bring
_GIVEN = Prefix.parse("198.18.0.0/16")
_GIVEN_HOST = 10


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


def underlays_of(plan: Plan) -> tuple[Link, ...]:
    """Every interface towards a network, the first as in :func:`underlay_of`. Raises ValueError.

    Beside the first one it is an underlay if a default route, a peer's local address or DHCP is on it; an inner
    interface that a tunnel merely starts from is none.
    """
    first = underlay_of(plan)
    outside = {address for connection in plan.connections for address in connection.local_addrs}
    defaults = [route for route in plan.routes if route.prefix.length == 0 and route.kind == "unicast"]
    more = [
        link
        for link in plan.links
        if link is not first
        and link.kind == "ethernet"
        and link.up
        and link.name in trust_of(plan).untrusted
        and (
            link.dynamic
            or any(item.address in outside for item in link.addresses)
            or any(route.link == link.name for route in defaults)
            or any(route.via in item.prefix for route in defaults if route.via for item in link.addresses)
        )
    ]
    return (first, *more)


def with_ways_out(plan: Plan, rank: int) -> Plan:
    """The Plan with what the networks would give it: addresses by DHCP, and a gateway where IPv6 has none.

    Nobody answers neighbour solicitations for everything, as the network answers ARP. ``rank`` is the router's place.
    """
    given = {link.name: at for at, link in enumerate(underlays_of(plan)) if not link.addresses}
    names = {link.name for link in underlays_of(plan)}
    return msgspec.structs.replace(
        plan,
        links=tuple(
            msgspec.structs.replace(link, addresses=(_given(rank, given[link.name]),))
            if link.name in given
            else link
            for link in plan.links
        ),
        routes=tuple(
            msgspec.structs.replace(route, via=_ADVERTISED)
            if route.assumed and route.prefix.family == 6 and route.link in names
            else route
            for route in plan.routes
        ),
    )


def _given(rank: int, at: int) -> Attached:
    """198.18.1.10/24 for the first router, 198.18.2.10/24 for the second; further underlays have theirs far behind."""
    network = (rank + 1 + 100 * at) % 256
    return Attached(Address(4, _GIVEN.first + (network << 8) + _GIVEN_HOST), 24)


def gateways_of(plan: Plan, underlay: Link, taken: frozenset[Address]) -> tuple[Attached, ...]:
    """The addresses that the network must have on this wire: the router's next hops, but none that a router has."""
    found: dict[Address, Attached] = {}
    for route in plan.routes:
        if route.via is None or route.via in taken:
            continue
        if route.link == underlay.name and route.via in LINK_LOCAL:
            found[route.via] = Attached(route.via, 64)
        for attached in underlay.addresses:
            if route.via in attached.prefix:
                found[route.via] = Attached(route.via, attached.length)
    return tuple(found.values())


def addresses_of(plan: Plan) -> frozenset[Address]:
    """Every address of a router."""
    return frozenset(attached.address for link in plan.links for attached in link.addresses)


def neighbour_of(attached: Attached, taken: frozenset[Address]) -> Attached:
    """Another address of the same network: the first that nobody has."""
    return next(item for item in others_in(attached) if item.address not in taken)


def others_in(attached: Attached) -> Iterator[Attached]:
    """The addresses of a network that an interface beside this one may have; the tenth first, then in order."""
    prefix, family = attached.prefix, attached.address.family
    edges = 0 if prefix.length >= WIDTH_BITS[family] - 1 else 1
    first, last = prefix.first + edges, prefix.last - edges
    for value in (prefix.first + 10, *range(first, min(last, first + 40) + 1)):
        if first <= value <= last and value != attached.address.value:
            yield Attached(Address(family, value), attached.length)
