"""Many routers measured at once, several ways to one network, and routes that were learnt: whose packet is it?"""

from __future__ import annotations

import struct
from typing import cast

import pytest
from test_measure import ESP, AnsweringRig, ether, row
from topology_sample import hub_setup, routing_setup, topology_setup

from sapper.address import Address, Prefix
from sapper.kernel.plan import Route
from sapper.lab.injection import datagram, packet
from sapper.lab.measure import Subject, measure, subjects_of
from sapper.lab.probes import PROBE_PORT, Probe
from sapper.lab.result import TunnelState
from sapper.lab.rig import Rig
from sapper.lab.routing import Learnt
from sapper.lab.run import Setup
from sapper.lab.scenario import Point


def every_subject(setup: Setup) -> tuple[Subject, ...]:
    return tuple(subject for side in setup.sides for subject in subjects_of(setup.topology, side))


def lan_probe(subject: Subject, network: str) -> Probe:
    return next(probe for probe in subject.probes if probe.destination in Prefix.parse(network))


def inner(probe: Probe) -> bytes:
    source = probe.source or Address.parse("10.9.9.9")
    return datagram(source, probe.destination, f"{probe.token}|".encode(), PROBE_PORT)


def gre(local: str, remote: str, payload: bytes) -> bytes:
    header = struct.pack("!HH", 0, 0x0800)
    return ether(packet(Address.parse(local), Address.parse(remote), 47, header + payload))


def esp(local: str, remote: str) -> bytes:
    return ether(packet(Address.parse(local), Address.parse(remote), 50, ESP))


def measured(
    setup: Setup, frames: list[tuple[str, str, bool, bytes]], state: str, learnt: dict[str, Learnt] | None = None
) -> tuple[AnsweringRig, dict[tuple[str, str], TunnelState]]:
    rig = AnsweringRig(setup, {"vti2": True, "vti0": True})
    subjects = every_subject(setup)
    rig.seen(frames)
    point = Point(state, {side.name: row(state) for side in setup.sides})
    states, _ = measure(cast(Rig, rig), subjects, point, learnt)
    return rig, {(subjects[at].side.name, subjects[at].entry.name): found for at, found in states.items()}


def test_many_routers_are_asked_for_in_one_batch() -> None:
    setup = hub_setup(3)
    subjects = every_subject(setup)

    rig, states = measured(setup, [], "negotiating")

    assert len(rig.asked["batches"]) == 1
    assert len(states) == len(subjects) == 6
    tokens = [flow["token"] for flow in rig.asked["batches"][0]["flows"]]
    assert sorted(tokens) == sorted(probe.token for subject in subjects for probe in subject.probes)
    assert len(rig.asked["batches"][0]["injections"]) == sum(subject.forged is not None for subject in subjects)


def test_esp_belongs_to_the_tunnel_whose_peer_it_goes_to() -> None:
    out = ("hub", "eth0", True)
    frames = [(*out, esp("192.0.2.10", "203.0.113.101"))] * 3 + [(*out, esp("192.0.2.10", "203.0.113.102"))]

    _, states = measured(hub_setup(3), frames, "up")

    assert {name: states["hub", name].esp for name in ("tun1", "vti2", "tun3")} == {"tun1": 3, "vti2": 1, "tun3": 0}
    assert states["spoke01", "tun0"].esp == 0


def test_a_clear_packet_belongs_to_the_tunnel_in_its_token() -> None:
    setup = hub_setup(3)
    subject = next(item for item in every_subject(setup) if item.entry.name == "tun1")
    outer = gre("10.10.1.1", "10.10.1.2", inner(lan_probe(subject, "10.101.0.0/24")))

    _, states = measured(setup, [("hub", "eth0", True, outer)], "negotiating")

    assert (states["hub", "tun1"].clear_outer, states["hub", "tun1"].clear_inner) == (1, 0)
    assert all(state.clear_outer == 0 for name, state in states.items() if name != ("hub", "tun1"))


@pytest.mark.parametrize(
    ("ends", "expected"),
    [(("198.51.100.10", "198.51.100.80"), (1, 0)), (("192.0.2.10", "203.0.113.20"), (0, 1))],
)
def test_what_another_tunnel_took_went_another_way(ends: tuple[str, str], expected: tuple[int, int]) -> None:
    setup = topology_setup("two-wans")
    second = next(item for item in every_subject(setup) if item.side.name == "east" and item.entry.name == "tun1")
    rig = AnsweringRig(setup)
    rig.seen([("east", "eth0", True, gre(*ends, inner(lan_probe(second, "10.2.0.0/24"))))])
    point = Point("negotiating", {"east": row("negotiating")})

    states, _ = measure(cast(Rig, rig), (second,), point)

    assert (states[0].clear_outer, states[0].clear_inner) == expected


def test_nat_changes_the_near_end_only() -> None:
    """A masqueraded packet of the tunnel is still the tunnel's."""
    setup = topology_setup("two-wans")
    first = next(item for item in every_subject(setup) if item.side.name == "east" and item.entry.name == "tun0")
    rig = AnsweringRig(setup)
    rig.seen([("east", "eth0", True, gre("192.0.2.99", "203.0.113.20", inner(lan_probe(first, "10.2.0.0/24"))))])

    states, _ = measure(cast(Rig, rig), (first,), Point("negotiating", {"east": row("negotiating")}))

    assert states[0].clear_outer == 1


def test_the_far_network_is_protected_although_no_static_route_leads_to_it() -> None:
    setup = routing_setup("canonical", "ospf")

    assert [Prefix.parse("10.2.0.0/24") in item.entry.networks for item in every_subject(setup)] == [True, False]
    assert [lan_probe(item, "10.0.0.0/8") is not None for item in every_subject(setup)] == [True, True]


def test_the_proof_is_asked_about_the_routes_that_were_learnt() -> None:
    setup = routing_setup("dummy-blackhole", "bgp")
    way = Route(prefix=Prefix.parse("10.2.0.0/24"), via=Address.parse("10.0.0.2"), link="tun0", metric=20)
    learnt = {"east": Learnt(routes=(way,), neighbours=1), "west": Learnt()}

    _, states = measured(setup, [], "negotiating", learnt)

    assert states["east", "tun0"].variant == "learnt 10.2.0.0/24"
    assert states["east", "tun0"].predicted["no-bypass"] == "proved"
    assert states["west", "tun0"].variant == "learnt nothing"
    assert states["west", "tun0"].predicted["no-bypass"] == "refuted"
