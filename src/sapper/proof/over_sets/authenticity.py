"""Authenticity in all situations at once: when a clear packet of the tunnel's own is decapsulated.

Mirrors :mod:`sapper.proof.properties.authenticity`: the same single packets, one for each underlay, and the inbound policies that
may be there.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address
from sapper.kernel.links import record_of
from sapper.kernel.plan import Link
from sapper.proof.bounds import Unbounded
from sapper.proof.facts.over_udp import UDP_KINDS, outer_of, takes
from sapper.proof.facts.packet import ESP, Packet
from sapper.proof.index.circumstance import ALL_ROWS, ANYTIME, Circumstance, Fact, Product, both, narrowed
from sapper.proof.index.lookup import Lookup
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.over_sets.cases import SetCase
from sapper.proof.over_sets.ending import NO_TRAIL, Ending, each, end, met
from sapper.proof.over_sets.entrance import believed
from sapper.proof.over_sets.rivals import contest_of, together
from sapper.proof.properties.authenticity import LEASED
from sapper.proof.sets.headers import NO_PORT, Headers

_UDP = 17
_Past = dict[tuple[Address | None, Address], list[tuple[Circumstance, str | None]]]


def attacks(index: PlanIndex, link: Link, room: int) -> Iterator[tuple[SetCase, list[Ending]]]:
    """The attacker's packet on each underlay, with its ends; none while the device or the interface is down."""
    past: _Past = {}
    for name, packet, headers in _forged(index, link):
        case = SetCase(enters=name, headers=headers, device=link, packet=packet)
        yield case, list(_decapsulated(index, link, name, packet, headers, past, room))


def _forged(index: PlanIndex, link: Link) -> Iterator[tuple[str, Packet, Headers]]:
    if link.kind in UDP_KINDS:
        for name in index.attacked:
            yield from ((name, one, _headers(one)) for one in index.exposure.packets(link, name))
        return
    wrapping = link.encapsulating
    packet: Packet | None = None
    for name in index.attacked:
        if wrapping is None or wrapping.remote is None:
            own = index.links.first_address(name, 4) or index.links.first_address(name, 6) or LEASED
            protocol = ESP if link.wireguard is None else _UDP
            packet = Packet(source=None, destination=own, protocol=protocol)
        elif packet is None or wrapping.local is None:
            local = wrapping.local or index.links.first_address(name, wrapping.remote.family)
            packet = None
            if local is not None:
                packet = Packet(
                    source=wrapping.remote, destination=local, protocol=wrapping.protocol, key=wrapping.key
                )
        if packet is not None:
            yield name, packet, _headers(packet)


def _headers(packet: Packet) -> Headers:
    source, there = packet.source, packet.destination
    sources = None if source is None else ((source.value, source.value),)
    near, far = (
        NO_PORT if port is None else (port, port) for port in (packet.source_port, packet.destination_port)
    )
    return Headers(there.family, sources, (there.value, there.value), 1 << packet.protocol, near, far)


def _decapsulated(
    index: PlanIndex,
    device: Link,
    enters: str,
    packet: Packet,
    headers: Headers,
    past: _Past,
    room: int,
) -> Iterator[Ending]:
    there: list[Circumstance] = each(_there(index, device, enters).holds)
    local = index.links.local(packet.destination)
    for here in _in(there, local.fails):
        yield end("dropped", headers, here, NO_TRAIL)
    there = [one for here in _in(there, local.holds) for one in _believed(index, packet, enters, here, room)]
    if _never_taken(index, device, enters, packet):
        for here in there:
            yield end("dropped", headers, here, NO_TRAIL)
        return
    record = record_of(device)
    if record is None or record.checks_inbound_policy:
        key = packet.source, packet.destination
        if key not in past:
            past[key] = list(_past_policies(index, packet, room))
        left = past[key]
    else:
        left = [(ANYTIME, None)]
    for one in there:
        for other, doubt in left:
            then = met(one, other)
            if then is not None:
                doubts = () if doubt is None else (doubt,)
                yield Ending("delivered", then, headers, headers.box, enters, (device.name,), doubts)


def _believed(
    index: PlanIndex, packet: Packet, enters: str, when: Circumstance, room: int
) -> Iterator[Circumstance]:
    """When the reverse path filter takes the packet."""
    if packet.family == 6 or packet.source is None or not index.entrance.filter_at(enters):
        yield when
        return
    source = packet.source.value
    found = believed(index, Lookup(index), (source, source), when, enters, room)
    yield from (here for _, here, holds in found if holds)


def _never_taken(index: PlanIndex, device: Link, enters: str, packet: Packet) -> bool:
    """Whether a guard drops the packet, or the device takes nothing without an SA or a key, or from elsewhere."""
    outside = outer_of(device)
    if device.kind == "xfrm" or device.wireguard is not None:
        return True
    if outside is not None and not takes(outside, packet):
        return True
    bound = device.encapsulating.link if device.encapsulating is not None else None
    if device.kind == "sit" and bound not in (None, enters):
        return True
    return index.guards.stops(packet.source, packet.destination, packet.protocol, enters)


def _there(index: PlanIndex, device: Link, enters: str) -> Fact:
    return both(index.links.up(device.name), index.links.up(enters))


def _in(circumstances: list[Circumstance], products: tuple[Product, ...]) -> list[Circumstance]:
    found = (met(here, dict(product)) for here in circumstances for product in products)
    return [here for here in found if here is not None]


def _past_policies(index: PlanIndex, packet: Packet, room: int) -> Iterator[tuple[Circumstance, str | None]]:
    """The situations in which no inbound policy asks for ESP: none is there, or a first one lets it pass."""
    source, there = packet.source, packet.destination
    if source is None:
        yield ANYTIME, None
        return
    far, near = (source.value, source.value), (there.value, there.value)
    left: Circumstance | None = ANYTIME
    asked = [
        policy
        for policy in index.policies.towards(None, there.family, far, near, room)
        if policy.shape.protocols >> packet.protocol & 1
        and policy.mirror.source_port in (None, packet.source_port)
        and policy.mirror.destination_port in (None, packet.destination_port)
    ]
    for at, policy in enumerate(asked, 1):
        if left is None:
            return
        here = narrowed(left, ((policy.row, policy.inbound),))
        rivals = [other for other in asked[at:] if other.rank[0] == policy.rank[0]]
        if here is not None and "pass" in {one.mode for one in (policy, *rivals)}:
            for number, (_, then, members) in enumerate(together(policy, _headers(packet), here, rivals, True)):
                if number > room:
                    raise Unbounded
                if "pass" in {one.mode for one in members}:
                    yield then, contest_of(members)
        absent = ALL_ROWS & ~policy.inbound
        left = narrowed(left, ((policy.row, absent),)) if absent else None
    if left is not None:
        yield left, None
