"""No-bypass: no packet for a protected network leaves by an untrusted interface in clear on another way.

The VTI goes down, its route goes with it, and the default route takes over. Packets come from the router itself and
from every network behind it that is not an underlay. Packets of the tunnel itself are confidentiality's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.segment import closed_segments
from sapper.proof.facts.trust import Trust, trust_of
from sapper.proof.properties.classes import address_cuts, atoms, packets
from sapper.proof.properties.confidentiality import flow_cases
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Case, Question
from sapper.proof.states.effective import Kernel
from sapper.proof.walk.walk import End, hand_to_device, walk

_LAYER_2 = "layer 2 forwarding between the ports of its bridge is not modelled"
_NO_NETWORK = "nothing is routed to it and it has no address"
# A host behind the router in a configuration that shows none (TEST-NET-2, RFC 5737; RFC 3849).
_SOMEBODY: dict[int, Address] = {4: Address.parse("198.51.100.77"), 6: Address.parse("2001:db8:5a:1::77")}


def question(plan: Plan, entry: Entry) -> Question:
    """What no-bypass asks of an entry of a completed Plan."""
    trust = trust_of(plan)
    own = entry.name if entry.link is not None else None

    def refutes(kernel: Kernel, end: End) -> bool:
        return (
            end.kind == "wire"
            and not end.packet.protected
            and own not in end.devices
            and end.link in kernel.links
            and trust.leaks(kernel.links[end.link], end.packet.destination)
        )

    unknown = not_applicable = None
    cases: tuple[Case, ...] = ()
    master = entry.link.master if entry.link is not None else None
    vrfs = {link.name for link in plan.links if link.kind == "vrf"}
    closed = closed_segments(plan) if master is not None else frozenset()
    if master is not None and master not in vrfs | closed:
        unknown = f"{_LAYER_2} ({master})"
    else:
        cases = (*_of_segment(entry, closed), *_cases(plan, entry, trust))
        not_applicable = None if cases else _NO_NETWORK
    return Question(
        property="no-bypass",
        cases=cases,
        ends=_ends,
        refutes=refutes,
        unknown=unknown,
        not_applicable=not_applicable,
    )


def _ends(kernel: Kernel, case: Case) -> tuple[End, ...]:
    if case.device is not None:
        return hand_to_device(kernel, case.device, None) if case.device.name in kernel.up else ()
    return walk(kernel, case.packet, case.enters) if case.packet is not None else ()


def _of_segment(entry: Entry, closed: Set[str]) -> Iterator[Case]:
    """A frame of the network that the tunnel extends on layer 2: its bridge has no other way for it."""
    bridge = entry.link.master if entry.link is not None else None
    if bridge is not None and bridge in closed:
        yield Case(enters=bridge, packet=None, device=entry.link)


def _cases(plan: Plan, entry: Entry, trust: Trust) -> Iterator[Case]:
    cuts = address_cuts(plan)
    own = {attached.address for link in plan.links for attached in link.addresses}
    for network in entry.networks:
        inside = [cut for cut in cuts if network.covers(cut)]
        destinations = [address for address in atoms(network, inside) if address not in own]
        for enters, sources in _origins(plan, trust, network.family, cuts):
            for packet in packets(plan, sources, destinations):
                yield Case(enters=enters, packet=packet, network=network)
    yield from flow_cases(plan, entry, skip=entry.link)


def _origins(
    plan: Plan, trust: Trust, family: Family, cuts: tuple[Prefix, ...]
) -> Iterator[tuple[str, list[Address | None]]]:
    """Where packets for a protected network come from: the router itself, and each inner interface."""
    mine: list[Address | None] = [None]
    yield "local", mine
    shown = False
    for link in plan.links:
        if link.name in trust.underlays or link.name not in trust.wired:
            continue
        prefixes = [attached.prefix for attached in link.addresses if attached.prefix.family == family]
        sources: list[Address | None] = []
        for prefix in prefixes:
            sources += atoms(prefix, [cut for cut in cuts if prefix.covers(cut)])
        if sources:
            shown = True
            yield link.name, sources
    if not shown:
        yield "a network behind the router", [_SOMEBODY[family]]


def inner_links(plan: Plan) -> list[Link]:
    """The interfaces towards the networks behind the router."""
    trust = trust_of(plan)
    return [link for link in plan.links if link.name in trust.wired and link.name not in trust.underlays]
