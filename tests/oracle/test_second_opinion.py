"""The proof's walk against a second opinion: random routers, random situations, random packets, the same endings.

``SAPPER_EXAMPLES`` raises the number of routers; each is asked about several situations and packets, and each of its
tunnel devices that is up about each packet.
"""

from __future__ import annotations

import os

import msgspec
from brute_force import SOMEWHERE, Ending, Oracle
from brute_kernel import Datagram, ip
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_packets import packets, situations
from random_plans import plans

from sapper.address import Address, Prefix
from sapper.kernel.plan import Plan
from sapper.proof.facts.packet import Packet
from sapper.proof.properties.classes import address_cuts, atoms
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.situation import Situation
from sapper.proof.walk.walk import End, hand_to_device, walk

EXAMPLES = int(os.environ.get("SAPPER_EXAMPLES", "100"))
SITUATIONS, PACKETS = 2, 4
# Without the variable every run draws the same routers; a hunt for differences draws others each time.
DRAWS = settings(
    max_examples=EXAMPLES,
    derandomize="SAPPER_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
SWALLOWING = frozenset({"dum0", "dum1"})  # a dummy swallows what it is given; the walk calls it a wire of ours


def said(end: End) -> Ending:
    """An end of the program's walk in the second opinion's words."""
    if end.kind != "wire":
        return (end.kind,)
    if end.link in SWALLOWING:
        return ("dropped",)
    if end.packet.protected:
        return ("encrypted", str(end.link))
    return ("clear", str(end.link), str(end.packet.source), str(end.packet.destination), str(end.packet.protocol))


def datagram(packet: Packet) -> Datagram:
    source = ip(packet.source) if packet.source else None
    return Datagram(
        source, ip(packet.destination), packet.protocol, packet.source_port or 0, packet.destination_port or 0
    )


def agree(oracle: Oracle, expected: set[Ending], ends: tuple[End, ...]) -> bool:
    """The same set; a peer that nobody knows is anywhere."""
    found = {said(end) for end in ends}
    if ("encrypted", SOMEWHERE) in expected:
        found = {("encrypted", SOMEWHERE) if end.packet.protected else said(end) for end in ends}
        expected = {("encrypted", SOMEWHERE) if ending[0] == "encrypted" else ending for ending in expected}
    return found == expected


def shown(plan: Plan, situation: Situation, what: object, expected: set[Ending], ends: tuple[End, ...]) -> str:
    """The case as a reader wants it: what is set, and nothing of what is at its default."""
    raised = ", ".join(sorted(situation.raised)) or "none"
    others = [f"{name} is {row.label}" for name, row in situation.others]
    parts = [f"{situation.row.label}; raised: {raised}; {situation.move}", *others]
    parts += [
        short(item)
        for item in (
            *plan.links,
            *plan.routes,
            *plan.source_nat,
            *plan.destination_nat,
            *plan.connections,
            *plan.rules,
            *plan.marks,
            *plan.sysctls,
        )
    ]
    parts += [f"install_routes={plan.install_routes}", f"PACKET {what}", f"second opinion: {sorted(expected)}"]
    return "\n".join(["", *parts, *(f"walk: {said(end)} {end.trace}" for end in ends)])


def short(value: object) -> str:
    if isinstance(value, msgspec.Struct):
        default = dict(zip(value.__struct_fields__[::-1], value.__struct_defaults__[::-1], strict=False))
        fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
        told = [f"{name}={short(field)}" for name, field in fields if name not in default or field != default[name]]
        return f"{type(value).__name__}({' '.join(told)})"
    if isinstance(value, tuple):
        return "[" + " ".join(map(short, value)) + "]"
    return str(value)


def compare(plan: Plan, situation: Situation, packet: Packet, device: str | None = None) -> None:
    """One packet that the router sends (or hands to that device), by both."""
    oracle, kernel, asked = Oracle(plan, situation), kernel_in(plan, situation), datagram(packet)
    expected = oracle.hand(device, asked) if device else oracle.carry(asked)
    if oracle.circled and (oracle.forked or len(oracle.table_220) > 0):
        # Packets in a circle with forks: the walk cuts the second round short, and may say less about encrypted ends.
        return
    ends = hand_to_device(kernel, kernel.links[device], packet) if device else walk(kernel, packet, "eth2")
    if kernel.unwalked and any(end.kind == "unknown" for end in ends):
        return  # VXLAN or GENEVE over IPv6: the walk claims nothing
    assert agree(oracle, expected, ends), shown(plan, situation, f"{device or 'sent'}: {packet}", expected, ends)


@DRAWS
@given(st.data())
def test_walk_and_second_opinion_come_to_the_same_ends(data: st.DataObject) -> None:
    """Without shrinking: a found case is short enough to read, and a shrunk one takes minutes."""
    plan = data.draw(plans())
    for _ in range(SITUATIONS):
        situation = data.draw(situations(plan))
        up = Oracle(plan, situation).up
        devices = [
            link.name
            for link in plan.links
            if link.name in up and (link.encapsulating or link.kind in ("xfrm", "vxlan", "geneve"))
        ]
        for packet in data.draw(st.lists(packets(plan), min_size=PACKETS, max_size=PACKETS)):
            for device in (None, *devices):
                compare(plan, situation, packet, device)


@settings(DRAWS, max_examples=EXAMPLES // 2)
@given(st.data())
def test_a_packet_ends_like_the_representative_of_its_class(data: st.DataObject) -> None:
    """The cuts are fine enough for any router: moving an address inside its atom changes no ending."""
    plan = data.draw(plans())
    kernel, packet = kernel_in(plan, data.draw(situations(plan))), data.draw(packets(plan))
    assert packet.source
    source, destination = moved(data, plan, packet.source), moved(data, plan, packet.destination)
    alike = msgspec.structs.replace(packet, source=source, destination=destination)
    assert outcome(walk(kernel, packet), packet) == outcome(walk(kernel, alike), alike), (packet, alike)


def moved(data: st.DataObject, plan: Plan, address: Address) -> Address:
    """Another address that every prefix of the Plan answers alike, among those that the proof stands for."""
    cuts = address_cuts(plan)
    members = atoms(Prefix.everything(address.family), cuts)
    alike = [member for member in members if all((member in cut) == (address in cut) for cut in cuts)]
    return data.draw(st.sampled_from(alike))


def outcome(ends: tuple[End, ...], packet: Packet) -> set[tuple[str, str | None, bool, bool]]:
    """An outer packet may have the very source that was drawn; that says nothing of what was sent."""
    return {
        (end.kind, end.link, end.packet.protected, end.packet.inner is None and end.packet.source == packet.source)
        for end in ends
    }
