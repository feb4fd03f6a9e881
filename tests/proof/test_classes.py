"""Packet classes are sound: a packet and the representative of its class come to the same ends.

Two packets are of one class where every cut of the addresses answers alike for both, and every protocol and port that
the Plan names. If the cuts were too coarse, two packets of one class would end differently in some state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from setups import FAR_LAN, canonical, dummy, masquerade, vti

from sapper.address import WIDTH_BITS, Address, Attached, Family, Prefix
from sapper.kernel.plan import Child, Link, Plan, Selector
from sapper.proof.facts.packet import Packet
from sapper.proof.properties.classes import address_cuts, atoms, packets, ports, protocols
from sapper.proof.states.effective import Kernel, kernel_in
from sapper.proof.states.situation import Situation, raised_sets, rows_for
from sapper.proof.walk.walk import walk

SETUPS: list[Callable[[], Plan]] = [
    canonical,
    lambda: dummy(blackhole=True),
    lambda: vti(unreachable=True),
    lambda: masquerade(dummy(blackhole=False), exclusion=FAR_LAN),
]
UNNAMED_PORT = 40_000


def selectors_of(plan: Plan) -> Iterator[Selector]:
    for connection in plan.connections:
        for child in connection.children:
            yield from (*child.local_ts, *child.remote_ts)


def same_side(cuts: Iterable[Prefix], one: Address, other: Address) -> bool:
    return all((one in cut) == (other in cut) for cut in cuts)


def named_protocols(plan: Plan) -> set[int]:
    named = {selector.protocol for selector in selectors_of(plan)} | {rule.protocol for rule in plan.source_nat}
    return {protocol for protocol in named if protocol is not None}


def same_class(plan: Plan, one: Packet, other: Packet) -> bool:
    cuts = address_cuts(plan)
    assert one.source
    assert other.source
    named = named_protocols(plan)
    used = {selector.port for selector in selectors_of(plan)}
    return (
        same_side(cuts, one.source, other.source)
        and same_side(cuts, one.destination, other.destination)
        and (one.protocol == other.protocol or not {one.protocol, other.protocol} & named)
        and all(
            a == b or not {a, b} & used
            for a, b in ((one.source_port, other.source_port), (one.destination_port, other.destination_port))
        )
    )


def ends_of(kernel: Kernel, packet: Packet) -> set[tuple[str, str | None, bool, str]]:
    """Where it ends, how, and whether its addresses are still its own: what a verdict can depend on."""
    return {
        (end.kind, end.link, end.packet.protected, "own" if end.packet.source == packet.source else "another")
        for end in walk(kernel, packet)
    }


@st.composite
def members(draw: st.DrawFn, within: Prefix, plan: Plan) -> Address:
    """Any address of a prefix, with a liking for the edges of what the Plan names."""
    edges = [edge for cut in address_cuts(plan) if cut.family == within.family for edge in (cut.first, cut.last)]
    near = [value + step for value in edges for step in (-1, 0, 1) if within.first <= value + step <= within.last]
    anywhere = st.integers(within.first, within.last)
    value = draw(st.one_of(st.sampled_from(near), anywhere) if near else anywhere)
    return Address(within.family, value)


@st.composite
def flow_packets(draw: st.DrawFn, plan: Plan, source: Prefix, destination: Prefix) -> Packet:
    protocol = draw(st.sampled_from(sorted({1, 6, 17, 47, 4, 41, 89} | named_protocols(plan))))
    used = sorted({UNNAMED_PORT, 443} | {selector.port for selector in selectors_of(plan) if selector.port})
    port = st.sampled_from(used) if protocol in (6, 17) else st.none()
    return Packet(
        source=draw(members(source, plan)),
        destination=draw(members(destination, plan)),
        protocol=protocol,
        source_port=draw(port),
        destination_port=draw(port),
    )


def check_flow(data: st.DataObject, plan: Plan, situation: Situation) -> None:
    source = destination = Prefix.everything(4)
    cuts = address_cuts(plan)
    sources, destinations = atoms(source, cuts), atoms(destination, cuts)
    packet = data.draw(flow_packets(plan, source, destination))
    assert packet.source
    alike = [member for member in sources if same_side(cuts, member, packet.source)]
    far = [member for member in destinations if same_side(cuts, member, packet.destination)]
    assert alike, f"no class for the source {packet.source}"
    assert far, f"no class for the destination {packet.destination}"
    representatives = [item for item in packets(plan, alike[:1], far[:1]) if same_class(plan, packet, item)]
    assert representatives, f"no class for {packet}"
    kernel = kernel_in(plan, situation)
    for representative in representatives:
        assert ends_of(kernel, packet) == ends_of(kernel, representative), (packet, representative)


@pytest.mark.parametrize("build", SETUPS)
@settings(max_examples=60, phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_a_packet_ends_like_its_representative(build: Callable[[], Plan], data: st.DataObject) -> None:
    plan = build()
    row = data.draw(st.sampled_from(list(rows_for(plan.connections))))
    raised = data.draw(st.sampled_from(list(raised_sets(plan, row))))
    check_flow(data, plan, Situation(row, raised))


@st.composite
def cut_sets(draw: st.DrawFn) -> tuple[Prefix, list[Prefix]]:
    family: Family = draw(st.sampled_from([4, 6]))
    width = WIDTH_BITS[family]
    value = st.integers(0, 255).map(lambda low: (0x0A << (width - 8)) | low)

    def prefix(shortest: int) -> st.SearchStrategy[Prefix]:
        lengths = st.one_of(st.integers(width - 8, width), st.integers(shortest, width))
        return st.builds(lambda number, length: Prefix(family, number, length), value, lengths)

    return draw(prefix(0)), draw(st.lists(prefix(0), max_size=6))


@given(cut_sets())
def test_atoms_are_members_and_no_two_lie_in_one_interval(case: tuple[Prefix, list[Prefix]]) -> None:
    within, cuts = case
    found = atoms(within, cuts)
    assert found
    assert all(member in within for member in found)
    ordered = sorted(found)
    for one, other in pairwise(ordered):
        edges = {edge for cut in cuts for edge in (cut.first, cut.last + 1)}
        assert any(one.value < edge <= other.value for edge in edges), (one, other)


@given(cut_sets(), st.integers(0, 255))
def test_every_address_has_an_atom_that_answers_every_cut_alike(
    case: tuple[Prefix, list[Prefix]], low: int
) -> None:
    within, cuts = case
    address = Address(within.family, min(within.first + low, within.last))
    assert any(same_side(cuts, address, member) for member in atoms(within, cuts))


def plan_with_a_port() -> Plan:
    plan = canonical()
    child = Child(
        name="web",
        mode="tunnel",
        local_ts=(Selector(Prefix.parse("10.1.0.0/24"), 6),),
        remote_ts=(Selector(FAR_LAN, 6, 443),),
        esp_proposals=(),
    )
    return replace(plan, connections=(replace(plan.connections[0], children=(child,)),))


def test_a_named_port_and_an_unnamed_one_both_have_a_class() -> None:
    found = ports(plan_with_a_port(), 6)
    assert 443 in found
    assert any(port != 443 for port in found)
    assert ports(plan_with_a_port(), 47) == [None]


@pytest.mark.parametrize("family", [4, 6])
def test_a_named_protocol_and_an_unnamed_one_both_have_a_class(family: Family) -> None:
    plan = plan_with_a_port()
    found = protocols(plan, None, family)
    assert 6 in found
    assert set(found) - named_protocols(plan)
    assert protocols(plan, 47, family) == [47]


def test_a_link_without_addresses_adds_no_cut() -> None:
    bare = Plan(name="bare", links=(Link(name="eth0", kind="ethernet"),))
    assert atoms(Prefix.parse("10.0.0.0/8"), address_cuts(bare)) != []
    addressed = Plan(
        name="one", links=(Link(name="eth0", kind="ethernet", addresses=(Attached.parse("10.0.0.1/24"),)),)
    )
    assert len(atoms(Prefix.parse("10.0.0.0/8"), address_cuts(addressed))) >= 3
