"""Hubs, NAT at both ends, IPv6 outside, two WANs and routing protocols on a real kernel: the proof and the wire agree.

A hub with four spokes is run here, and routing over three of the articles' setups. ``SAPPER_HUB=20`` runs the hub
with all of its spokes, ``SAPPER_ROUTING=all`` both protocols over every setup of the articles.
"""

from __future__ import annotations

import os

import pytest
from topology_sample import EXAMPLES, NAMES, hub_setup, routing_setup, topology_setup

from sapper.lab.parallel import run_pairs
from sapper.lab.result import LabRun, TunnelState

pytestmark = pytest.mark.lab
STATES = frozenset({"boot", "negotiating", "up", "deleted", "stopped", "crashed"})
SPOKES = int(os.environ.get("SAPPER_HUB", "4"))
ROUTED = [("canonical", "ospf"), ("vti-unreachable", "ospf"), ("dummy-blackhole", "bgp")]
if os.environ.get("SAPPER_ROUTING") == "all":
    ROUTED = [(path.name, protocol) for path in sorted(EXAMPLES.iterdir()) for protocol in ("ospf", "bgp")]
ROUTED_STATES = frozenset({"up", "deleted", "stopped"})
HUB = f"hub with {SPOKES} spokes"


@pytest.fixture(scope="module")
def runs(whole_machine: None) -> dict[str, LabRun]:
    setups = [hub_setup(SPOKES), *map(topology_setup, NAMES)]
    return {run.title: run for run in run_pairs(setups, print, STATES)}


@pytest.fixture(scope="module")
def routed(whole_machine: None) -> dict[str, LabRun]:
    setups = [routing_setup(example, protocol) for example, protocol in ROUTED]
    return {run.title: run for run in run_pairs(setups, print, ROUTED_STATES)}


def contradictions(run: LabRun) -> list[object]:
    return [
        (tunnel.router, tunnel.tunnel, state.state, state.cause, state.variant, state.seen, state.predicted)
        for tunnel in run.tunnels
        for state in tunnel.states
        if not state.agrees
    ]


def states_of(run: LabRun, wanted: str, router: str | None = None, tunnel: str | None = None) -> list[TunnelState]:
    found = [
        state
        for item in run.tunnels
        if router in (None, item.router) and tunnel in (None, item.tunnel)
        for state in item.states
        if state.state == wanted
    ]
    assert found, (run.title, wanted, router, tunnel)
    return found


@pytest.mark.parametrize("name", [HUB, *NAMES])
def test_the_kernel_agrees(runs: dict[str, LabRun], name: str) -> None:
    assert contradictions(runs[name]) == []
    # One of them is a masquerade that takes the packets out of their policy.
    for up in states_of(runs[name], "up") if name != "two-wans-masquerade-second" else []:
        assert up.delivered == up.sent > 0
        assert up.esp >= up.sent
        assert up.clear_outer == up.clear_inner == up.decapsulated == 0


def test_every_spoke_was_measured_at_both_ends(runs: dict[str, LabRun]) -> None:
    routers = [tunnel.router for tunnel in runs[HUB].tunnels]

    assert routers.count("hub") == SPOKES
    assert len(set(routers)) == SPOKES + 1
    for tunnel in runs[HUB].tunnels:
        assert {state.state for state in tunnel.states} == STATES, (tunnel.router, tunnel.tunnel)


def test_closed_at_either_end_of_a_hub(runs: dict[str, LabRun]) -> None:
    for tunnel in runs[HUB].tunnels:
        causes = {state.cause for state in tunnel.states if state.state == "deleted"}
        assert causes == {"local", "peer", "dpd"}, (tunnel.router, tunnel.tunnel)


def test_with_two_tunnels_to_one_network_the_other_one_is_another_way(runs: dict[str, LabRun]) -> None:
    first, second = (states_of(runs["two-wans"], "deleted", "east", name)[0] for name in ("tun0", "tun1"))

    assert (first.clear_outer, first.clear_inner) == (10, 0)
    assert (second.clear_outer, second.clear_inner) == (5, 5)
    assert second.seen["no-bypass"] == "refuted"


def test_postrouting_sees_the_interface_that_esp_leaves_by(runs: dict[str, LabRun]) -> None:
    """The inner packet's own route goes by the first WAN, ESP by the second (net/xfrm, xfrm_bundle_create)."""
    (by_the_first,) = states_of(runs["two-wans-masquerade-first"], "up", "east")
    (by_the_second,) = states_of(runs["two-wans-masquerade-second"], "up", "east")

    assert (by_the_first.esp, by_the_first.clear_inner) == (5, 0)
    assert (by_the_second.esp, by_the_second.clear_inner) == (0, 5)


@pytest.mark.parametrize(("example", "protocol"), ROUTED)
def test_routes_are_learnt_over_the_tunnel(routed: dict[str, LabRun], example: str, protocol: str) -> None:
    run = routed[f"{example} with {protocol}"]

    assert contradictions(run) == []
    for router, network in (("east", "10.2.0.0/24"), ("west", "10.1.0.0/24")):
        (up,) = states_of(run, "up", router)
        assert f"learnt {network}" in (up.variant or "")
        assert up.delivered == up.sent > 0


@pytest.mark.parametrize(("example", "protocol"), ROUTED)
def test_routes_go_with_the_tunnel(routed: dict[str, LabRun], example: str, protocol: str) -> None:
    """Where plain packets still pass, the neighbours stay up in clear; where they do not, the routes are withdrawn."""
    passes = example in ("canonical",)
    run = routed[f"{example} with {protocol}"]
    closed = states_of(run, "deleted")
    assert {state.cause for state in closed} == {"local", "peer", "dpd"}
    for state in (*closed, *states_of(run, "stopped")):
        assert ("learnt nothing" in (state.variant or "")) is not passes
        if not passes and example != "vti-unreachable":
            # Without their route the packets follow the default route, past the blackhole.
            assert state.seen["no-bypass"] == "refuted"
