"""The articles' setups on a real kernel with a real IKE daemon: what the issue's table asks for, on the wire."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sapper.cli.demo import SETUPS
from sapper.cli.lab import prepare_files
from sapper.lab.page.document import lab_page
from sapper.lab.parallel import run_pairs
from sapper.lab.pcap import write_captures
from sapper.lab.report import lab_report
from sapper.lab.result import LabRun, TunnelState
from sapper.lab.table import table

pytestmark = pytest.mark.lab
EXAMPLES = Path(__file__).parents[2] / "examples"
SECRET = "correct-horse-battery-tunnel"
SAID: list[str] = []
NO_SA = {"boot", "negotiating", "deleted", "expired", "stopped"}


@pytest.fixture(scope="module")
def runs(whole_machine: None) -> dict[str, LabRun]:
    setups = [
        prepare_files([str(EXAMPLES / name / "east.set"), str(EXAMPLES / name / "west.set")], nat, name)
        for name, _, nat in SETUPS
    ]
    return {run.title: run for run in run_pairs(setups, SAID.append)}


def east(run: LabRun) -> tuple[TunnelState, ...]:
    return next(tunnel.states for tunnel in run.tunnels if tunnel.router == "east")


def failing(run: LabRun, prop: str) -> set[str]:
    return {state.state for state in east(run) if state.seen.get(prop) == "refuted"} - {"flushed"}


def test_the_kernel_contradicts_nothing(runs: dict[str, LabRun]) -> None:
    wrong = [
        (run.title, tunnel.router, state.state, state.cause, state.variant, state.seen, state.predicted)
        for run in runs.values()
        for tunnel in run.tunnels
        for state in tunnel.states
        if not state.agrees
    ]

    assert wrong == []
    assert all(run.disagreements == 0 for run in runs.values())


def test_every_state_was_reached_on_both_sides(runs: dict[str, LabRun]) -> None:
    wanted = NO_SA | {"up", "crashed", "restarted", "reloading", "flushed"}
    for run in runs.values():
        for tunnel in run.tunnels:
            assert {state.state for state in tunnel.states} == wanted, (run.title, tunnel.router)


@pytest.mark.parametrize("name", ["canonical", "dummy", "nat"])
def test_without_blackhole_the_tunnel_goes_on_in_clear(runs: dict[str, LabRun], name: str) -> None:
    assert failing(runs[name], "confidentiality") == NO_SA | {"reloading"}
    for state in east(runs[name]):
        if state.state in NO_SA:
            assert state.clear_outer == state.sent > 0
            assert state.esp == 0


@pytest.mark.parametrize("name", ["dummy-blackhole", "nat-blackhole"])
def test_the_blackhole_stops_it(runs: dict[str, LabRun], name: str) -> None:
    assert failing(runs[name], "confidentiality") == set()
    assert failing(runs[name], "no-bypass") == set()
    for state in east(runs[name]):
        if state.state in NO_SA:
            assert state.delivered == 0


@pytest.mark.parametrize(("name", "bypassed"), [("vti", NO_SA | {"reloading"}), ("vti-unreachable", set())])
def test_a_vti_keeps_its_own_packets_but_not_its_traffic(
    runs: dict[str, LabRun], name: str, bypassed: set[str]
) -> None:
    assert failing(runs[name], "confidentiality") == set()
    assert failing(runs[name], "no-bypass") == bypassed
    assert all(state.clear_outer == 0 for state in east(runs[name]))


def test_a_vti_that_the_script_forgot_to_lower_drops(runs: dict[str, LabRun]) -> None:
    raised = [
        state for state in east(runs["vti"]) if state.state == "deleted" and "raised" in (state.variant or "")
    ]

    assert raised
    assert all(state.seen["no-bypass"] == "proved" and state.delivered == 0 for state in raised)


def test_up_is_encrypted_and_works(runs: dict[str, LabRun]) -> None:
    for run in runs.values():
        for tunnel in run.tunnels:
            (up,) = [state for state in tunnel.states if state.state == "up"]
            assert up.delivered == up.sent > 0, (run.title, tunnel.router)
            assert up.esp >= up.sent
            assert up.clear_outer == up.clear_inner == up.decapsulated == 0


def test_charons_route_outlives_a_flush_and_passes_the_blackhole(runs: dict[str, LabRun]) -> None:
    (flushed,) = [state for state in east(runs["dummy-blackhole"]) if state.state == "flushed"]

    assert flushed.clear_outer > 0


def test_plain_packets_are_decapsulated_where_no_policy_is(runs: dict[str, LabRun]) -> None:
    for name in ("canonical", "dummy-blackhole"):
        for state in east(runs[name]):
            assert (state.decapsulated > 0) == (state.state in NO_SA | {"reloading", "flushed"}), (
                name,
                state.state,
            )


def test_the_key_is_in_no_output(runs: dict[str, LabRun], tmp_path: Path) -> None:
    every = list(runs.values())
    captures = write_captures(every, tmp_path / "pcap")
    page = lab_page(every, captures, tmp_path, "now")
    texts = [page, msgspec.json.encode(lab_report(every)).decode(), repr(every), str(table(every)), "\n".join(SAID)]

    assert captures
    assert not any(SECRET in text for text in texts)
    for capture in captures:
        assert SECRET.encode() not in capture.path.read_bytes()
        assert SECRET not in capture.path.name
