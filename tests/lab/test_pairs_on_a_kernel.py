"""Every encapsulation and the known traps of the field, on a real kernel: the proof and the wire have to agree.

Each pair under ``pairs/`` was a question to the kernel; what was learnt is named in the expectations here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.cli.lab import prepare_files
from sapper.lab.parallel import run_pairs
from sapper.lab.result import LabRun, TunnelState

pytestmark = pytest.mark.lab
PAIRS = sorted(path.name for path in (Path(__file__).parent / "pairs").iterdir())
STATES = frozenset({"boot", "negotiating", "up", "deleted", "flushed", "stopped"})


@pytest.fixture(scope="module")
def runs(whole_machine: None) -> dict[str, LabRun]:
    here = Path(__file__).parent / "pairs"
    setups = [
        prepare_files([str(here / name / f"{end}.set") for end in ("east", "west")], None, name) for name in PAIRS
    ]
    return {run.title: run for run in run_pairs(setups, print, STATES)}


def state(runs: dict[str, LabRun], name: str, wanted: str) -> TunnelState:
    east = next(tunnel for tunnel in runs[name].tunnels if tunnel.router == "east")
    return next(state for state in east.states if state.state == wanted)


@pytest.mark.parametrize("name", PAIRS)
def test_the_kernel_agrees(runs: dict[str, LabRun], name: str) -> None:
    wrong = [
        (tunnel.router, state.state, state.cause, state.variant, state.seen, state.predicted)
        for tunnel in runs[name].tunnels
        for state in tunnel.states
        if not state.agrees
    ]

    assert wrong == []


@pytest.mark.parametrize("name", sorted(set(PAIRS) - {"ipip-under-gre-selector"}))
def test_something_was_sent_and_seen(runs: dict[str, LabRun], name: str) -> None:
    up = state(runs, name, "up")

    assert up.sent > 0
    assert up.esp + up.clear_outer + up.clear_inner > 0


def test_sit_decapsulates_plain_packets_although_a_policy_forbids_it(runs: dict[str, LabRun]) -> None:
    assert state(runs, "sit", "up").decapsulated == 5
    assert state(runs, "ipip", "up").decapsulated == 0


def test_sit_sends_ipv4_in_clear_past_the_selector_for_ipv6(runs: dict[str, LabRun]) -> None:
    up = state(runs, "sit-ipv4", "up")

    assert up.predicted["confidentiality"] == up.seen["confidentiality"] == "refuted"
    assert (up.esp, up.clear_outer) == (10, 5)
    assert state(runs, "sit", "up").clear_outer == 0


def test_a_guard_stops_both_ways_what_no_sa_protects(runs: dict[str, LabRun]) -> None:
    boot, up = (state(runs, "guard-transport", name) for name in ("boot", "up"))

    assert (boot.sent, boot.clear_outer, boot.decapsulated) == (5, 0, 0)
    assert (up.esp, up.delivered) == (5, 5)
    assert state(runs, "guard-sit", "up").decapsulated == 0


def test_what_a_null_cipher_encrypts_is_read_on_the_wire(runs: dict[str, LabRun]) -> None:
    up = state(runs, "null-cipher", "up")

    assert (up.esp, up.clear_outer) == (0, up.sent)
    assert up.delivered == up.sent > 0


def test_a_masquerade_takes_the_packet_out_of_its_policy(runs: dict[str, LabRun]) -> None:
    assert state(runs, "policy-based-masquerade", "up").clear_inner > 0
    assert state(runs, "dummy-masquerade", "up").clear_outer > 0
    assert state(runs, "policy-based-masquerade-excluded", "up").clear_inner == 0


def test_a_selector_for_another_encapsulation_protects_nothing(runs: dict[str, LabRun]) -> None:
    assert state(runs, "ipip-under-gre-selector", "up").clear_outer > 0


def test_a_tunnel_bound_to_its_interface_passes_the_blackhole(runs: dict[str, LabRun]) -> None:
    assert state(runs, "dummy-blackhole-bound", "boot").clear_outer > 0


def test_a_trap_on_both_ends_is_safe_while_a_daemon_runs(runs: dict[str, LabRun]) -> None:
    for wanted in ("negotiating", "up", "deleted"):
        assert state(runs, "trap-both", wanted).clear_outer == 0
    for wanted in ("boot", "stopped"):
        assert state(runs, "trap-both", wanted).clear_outer > 0


def test_a_trap_whose_remote_is_any_is_refused(runs: dict[str, LabRun]) -> None:
    west = next(tunnel for tunnel in runs["trap-remote-any"].tunnels if tunnel.router == "west")
    (negotiating,) = [state for state in west.states if state.state == "negotiating"]

    assert negotiating.clear_outer > 0
