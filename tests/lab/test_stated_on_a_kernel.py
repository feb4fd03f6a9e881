"""What is stated beside the configurations, on a real kernel: the proof that knows it and the wire agree."""

from __future__ import annotations

import pytest
from test_stated import BESIDE, DEMANDED, PROTECT, stating

from sapper.cli.lab import prepare_files
from sapper.lab.parallel import run_pairs
from sapper.lab.result import LabRun, TunnelState

pytestmark = pytest.mark.lab
PROJECT = '[[router]]\nname = "west"\ntrusted = ["eth0"]\n'
STATES = frozenset({"boot", "up", "stopped"})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, whole_machine: None) -> LabRun:
    """Both tunnels between the same routers; East protects more, West's WAN is its own."""
    east = BESIDE["east"] + DEMANDED + PROTECT.replace("10.9.0.0/16", "10.2.0.0/23")
    paths = stating(tmp_path_factory.mktemp("stated"), PROJECT, east=east, west=BESIDE["west"])
    (found,) = run_pairs([prepare_files(paths, None, "stated")], print, STATES)
    return found


def states_of(run: LabRun, router: str, tunnel: str) -> dict[str, TunnelState]:
    (found,) = [item for item in run.tunnels if (item.router, item.tunnel) == (router, tunnel)]
    return {state.state: state for state in found.states}


def test_the_kernel_agrees(run: LabRun) -> None:
    assert [state for tunnel in run.tunnels for state in tunnel.states if not state.agrees] == []
    assert [(tunnel.router, tunnel.tunnel, tunnel.protection) for tunnel in run.tunnels] == [
        ("east", "tun0", "ipsec"),
        ("east", "tun1", "none"),
        ("west", "tun0", "ipsec"),
    ]


def test_a_network_that_is_to_be_protected_and_is_not_routed_so_leaks_beside_the_tunnel(run: LabRun) -> None:
    up = states_of(run, "east", "tun0")["up"]
    assert (up.delivered, up.clear_outer, up.clear_inner) == (up.sent, 0, 5)
    assert up.predicted["no-bypass"] == up.seen["no-bypass"] == "refuted"
    assert up.seen["liveness"] == "proved"


def test_a_tunnel_that_is_to_be_protected_and_is_not_leaks_in_every_state(run: LabRun) -> None:
    for state in states_of(run, "east", "tun1").values():
        assert state.clear_outer == 5
        assert state.predicted["confidentiality"] == state.seen["confidentiality"] == "refuted"
        assert (state.injected, state.decapsulated) == (5, 5)


def test_nothing_leaks_and_nobody_attacks_on_a_trusted_interface(run: LabRun) -> None:
    for state in states_of(run, "west", "tun0").values():
        assert (state.injected, state.clear_outer, state.clear_inner) == (0, 0, 0)
        assert state.seen["confidentiality"] == "proved"
    assert states_of(run, "west", "tun0")["boot"].delivered == states_of(run, "west", "tun0")["boot"].sent
