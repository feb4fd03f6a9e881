"""Confidentiality: no packet handed to the tunnel device leaves by an untrusted interface without encryption.

For a plain policy-based connection: no packet that matches its selectors before NAT.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address
from sapper.kernel.links import record_of
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.packet import Packet
from sapper.proof.facts.trust import trust_of
from sapper.proof.properties.classes import address_cuts, atoms, packets
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case, Question
from sapper.proof.states.effective import Kernel
from sapper.proof.walk.walk import End, hand_to_device, walk

_UDP = 17


def question(plan: Plan, entry: Entry) -> Question:
    """What confidentiality asks of an entry of a completed Plan."""
    trust = trust_of(plan)

    def refutes(kernel: Kernel, end: End) -> bool:
        return (
            end.kind == "wire"
            and not end.packet.protected
            and end.link in kernel.links
            and trust.leaks(kernel.links[end.link], end.packet.destination)
        )

    return Question(property="confidentiality", cases=tuple(_cases(plan, entry)), ends=_ends, refutes=refutes)


def _ends(kernel: Kernel, case: Case) -> tuple[End, ...]:
    if case.device is None:
        return walk(kernel, case.packet) if case.packet is not None else ()
    if case.device.name not in kernel.up:
        return ()
    return hand_to_device(kernel, case.device, case.packet)


def _cases(plan: Plan, entry: Entry) -> Iterator[Case]:
    if entry.link is None:
        yield from flow_cases(plan, entry)
    elif entry.link.kind == "xfrm":
        yield from _vti_cases(plan, entry, entry.link)
    else:
        # What is inside does not matter any more once the device has wrapped it: one class.
        yield Case(enters=entry.link.name, packet=None, device=entry.link)
        yield from _stray_cases(plan, entry.link)


def _stray_cases(plan: Plan, link: Link) -> Iterator[Case]:
    """A packet of a family that the device does not carry and sends all the same, if one can be routed to it."""
    record = record_of(link)
    for family, _protocol in record.stray_protocols if record is not None else ():
        networks = [item.prefix for item in link.addresses]
        networks += [route.prefix for route in plan.routes if route.link == link.name]
        inside = next((network for network in networks if network.family == family), None)
        if inside is not None:
            packet = Packet(source=None, destination=Address(family, inside.last), protocol=_UDP)
            yield Case(enters=link.name, packet=packet, device=link, network=inside)


def _vti_cases(plan: Plan, entry: Entry, link: Link) -> Iterator[Case]:
    """The inner packet itself meets the policies of the xfrm interface."""
    for network in entry.networks:
        cuts = [cut for cut in address_cuts(plan) if network.covers(cut)]
        for packet in packets(plan, _own_addresses(link, network.family), atoms(network, cuts)):
            yield Case(enters=link.name, packet=packet, device=link, network=network)
    if not entry.networks:
        anywhere = Packet(source=None, destination=Address(4, 0xC6336401), protocol=17)
        yield Case(enters=link.name, packet=anywhere, device=link)


def _own_addresses(link: Link, family: int) -> list[Address | None]:
    own: list[Address | None] = [item.address for item in link.addresses if item.address.family == family]
    return own or [None]


def flow_cases(plan: Plan, entry: Entry, skip: Link | None = None) -> Iterator[Case]:
    """A case for each class of the selectors' flows; the outer packets of ``skip`` are left out."""
    cuts = address_cuts(plan)
    for local, remote in entry.flows:
        only = local.protocol if local.protocol is not None else remote.protocol
        sources = atoms(local.prefix, [cut for cut in cuts if local.prefix.covers(cut)])
        destinations = atoms(remote.prefix, [cut for cut in cuts if remote.prefix.covers(cut)])
        for packet in packets(plan, sources, destinations, only):
            if local.port not in (None, packet.source_port) or remote.port not in (None, packet.destination_port):
                continue
            if skip is not None and _is_outer(skip, packet):
                continue
            yield Case(enters="local", packet=packet, network=remote.prefix)


def _is_outer(link: Link, packet: Packet) -> bool:
    wrapping = link.encapsulating
    return (
        wrapping is not None
        and packet.protocol == wrapping.protocol
        and packet.destination == wrapping.remote
        and (wrapping.local is None or packet.source == wrapping.local)
    )
