"""One packet in one situation, asked of the walk, of the sets, and of the second opinion, in the same words."""

from __future__ import annotations

from brute_force import Ending as Said
from brute_force import Oracle
from test_second_opinion import SWALLOWING, datagram, said

from sapper.address import Address
from sapper.kernel.plan import Plan
from sapper.proof.facts.packet import Packet
from sapper.proof.over_sets.ending import Ending
from sapper.proof.over_sets.prove import Prover
from sapper.proof.over_sets.witness import Slice
from sapper.proof.sets.headers import NO_PORT, Headers
from sapper.proof.sets.intervals import Interval
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.situation import Situation
from sapper.proof.walk.walk import hand_to_device, walk

BEHIND = "eth2"
"""The interface that a packet of somebody else comes in by."""


def by_walk(plan: Plan, situation: Situation, packet: Packet, device: str | None = None) -> set[Said]:
    kernel = kernel_in(plan, situation)
    ends = hand_to_device(kernel, kernel.links[device], packet) if device else walk(kernel, packet, BEHIND)
    return {said(end) for end in ends}


def by_sets(plan: Plan, situation: Situation, packet: Packet, device: str | None = None) -> set[Said]:
    prover = Prover(plan)
    part = Slice(prover.index, situation, ())
    headers = Headers(
        packet.destination.family,
        None if packet.source is None else ((packet.source.value, packet.source.value),),
        (packet.destination.value, packet.destination.value),
        1 << packet.protocol,
        _port(packet.source_port),
        _port(packet.destination_port),
    )
    if device is not None:
        link = plan.link(device)
        assert link is not None
        endings = prover.walk.hand_to_device(link, headers)
    else:
        endings = prover.walk.walk(headers, BEHIND)
    return {told(end) for end in endings if _happens(part, end)}


def by_opinion(plan: Plan, situation: Situation, packet: Packet, device: str | None = None) -> set[Said]:
    oracle = Oracle(plan, situation)
    return oracle.carry(datagram(packet)) if device is None else oracle.hand(device, datagram(packet))


def told(end: Ending) -> Said:
    """An end of the walk of sets in the second opinion's words."""
    headers = end.headers
    if end.kind != "wire" or headers is None:
        return (end.kind,)
    if end.link in SWALLOWING:
        return ("dropped",)
    if headers.protected:
        return ("encrypted", str(end.link))
    source = None if headers.source is None else Address(headers.family, headers.source[0][0])
    there = Address(headers.family, headers.destination[0])
    number = headers.protocols.bit_length() - 1
    return ("clear", str(end.link), str(source), str(there), str(number))


def _happens(situation: Slice, ending: Ending) -> bool:
    return all(situation._bit(variable) & mask for variable, mask in ending.when.items())


def _port(number: int | None) -> Interval:
    return NO_PORT if number is None else (number, number)
