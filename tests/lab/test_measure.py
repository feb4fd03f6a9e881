"""From frames to counts to verdicts, with a rig that answers from a list: what is a leak of this router, and what not."""

from __future__ import annotations

import base64
import struct
from typing import Any, cast

import msgspec
import pytest
from pair_sample import setup_of

from sapper.address import Address
from sapper.lab import measure as measure_module
from sapper.lab.injection import datagram, packet
from sapper.lab.measure import Subject, measure, subjects_of
from sapper.lab.probes import COUNT, PROBE_PORT
from sapper.lab.result import CapturedFrame, TunnelState, Verdict
from sapper.lab.rig import Rig
from sapper.lab.run import Setup
from sapper.lab.scenario import Point
from sapper.proof.states.lifecycle import TABLE, Row

EAST, WEST, FAR = Address.parse("192.0.2.10"), Address.parse("203.0.113.20"), Address.parse("10.2.0.10")
NEAR = Address.parse("10.1.0.10")
ESP = struct.pack("!II", 0xC1234567, 1) + bytes(80)


def row(label: str) -> Row:
    return next(row for row in TABLE if row.label == label)


def ether(data: bytes) -> bytes:
    return bytes(12) + struct.pack("!H", 0x0800 if data[0] >> 4 == 4 else 0x86DD) + data


class AnsweringRig:
    """Answers a measurement with what it was told to have seen; keeps the question."""

    def __init__(self, setup: Setup, up: dict[str, bool] | None = None) -> None:
        self.setup = setup
        self.topology = setup.topology
        self.sides = setup.sides
        self.names = [side.name for side in setup.sides]
        self.up = up or {}
        self.batches: list[dict[str, Any]] = []
        self.asked: dict[str, Any] = {}

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        assert do == "measure"
        self.asked = arguments
        watched = {
            node: {name: self.up.get(name, False) for name in names} for node, names in arguments["watch"].items()
        }
        empty: dict[str, Any] = {"frames": [], "heard": {}}
        missing = len(arguments["batches"]) - len(self.batches)
        return {"ok": True, "batches": [*self.batches, *[empty] * missing], "up": watched}

    def seen(
        self,
        frames: list[tuple[str, str, bool, bytes]],
        heard: dict[str, dict[str, int]] | None = None,
        started: float = 0.0,
    ) -> None:
        """One more batch: frames by router, interface, whether outgoing, and bytes; tokens heard by node."""
        raw = [
            [
                self.topology.captures.index((router, name)),
                started + 0.01 * at,
                outgoing,
                base64.b64encode(frame).decode(),
            ]
            for at, (router, name, outgoing, frame) in enumerate(frames)
        ]
        self.batches.append({"frames": raw, "heard": heard or {}})


class Run:
    """East of a pair in one row; each test says what was on the wire."""

    def __init__(
        self, pair: str = "canonical", label: str = "negotiating", up: dict[str, bool] | None = None
    ) -> None:
        self.setup = setup_of(pair)
        self.rig = AnsweringRig(self.setup, up)
        self.subjects: tuple[Subject, ...] = tuple(subjects_of(self.setup.topology, self.setup.sides[0]))
        self.point = Point(label, {"east": row(label)})
        self.lan = next(probe for probe in self.subjects[0].probes if probe.destination == FAR)
        self.probe = datagram(NEAR, FAR, f"{self.lan.token}|".encode(), PROBE_PORT)
        self.gre = ether(packet(EAST, WEST, 47, struct.pack("!HH", 0, 0x0800) + self.probe))
        self.esp = ether(packet(EAST, WEST, 50, ESP))

    def state(
        self, *frames: tuple[str, str, bool, bytes], heard: dict[str, dict[str, int]] | None = None
    ) -> TunnelState:
        self.rig.batches.clear()
        self.rig.seen(list(frames), heard)
        states, self.frames = measure(cast(Rig, self.rig), self.subjects, self.point)
        return states[0]


OUT = ("east", "eth0", True)


def counts(state: TunnelState) -> tuple[int, int, int]:
    return state.esp, state.clear_outer, state.clear_inner


def test_frames_are_counted_by_kind() -> None:
    run = Run()

    state = run.state((*OUT, run.gre), (*OUT, run.gre), (*OUT, run.esp), (*OUT, ether(run.probe)))

    assert counts(state) == (1, 2, 1)
    assert [frame.category for frame in run.frames] == ["clear-outer", "clear-outer", "esp", "clear-inner"]


def test_only_what_the_router_itself_sends_counts() -> None:
    run = Run()

    state = run.state(
        ("east", "eth0", False, run.gre),
        ("west", "eth0", True, run.gre),
        ("west", "eth0", False, run.gre),
        ("east", "eth0", False, run.esp),
    )

    assert counts(state) == (0, 0, 0)
    assert len(run.frames) == 4


def test_what_is_delivered_to_the_own_lan_is_no_leak() -> None:
    run = Run()
    back = datagram(FAR, NEAR, f"{run.lan.token}|".encode(), PROBE_PORT)

    state = run.state(("east", "eth1", True, ether(back)))

    assert counts(state) == (0, 0, 0)
    assert state.seen["no-bypass"] == "proved"


def test_what_goes_through_the_lan_to_somewhere_else_is_one() -> None:
    """The LAN is trusted for its own prefix only."""
    run = Run()

    assert run.state(("east", "eth1", True, ether(run.probe))).clear_inner == 1


def test_clear_packets_of_others_do_not_count() -> None:
    run = Run()
    foreign = datagram(NEAR, FAR, b"sapper:east:tun9:0|", PROBE_PORT)
    forged = datagram(NEAR, FAR, f"{run.subjects[0].forged_token}|".encode(), PROBE_PORT)

    state = run.state((*OUT, ether(foreign)), (*OUT, ether(forged)), (*OUT, ether(packet(EAST, WEST, 47, foreign))))

    assert counts(state) == (0, 0, 0)


def test_a_probe_along_a_selector_is_an_inner_packet_whatever_its_protocol() -> None:
    """Only what was sent into the tunnel can be the tunnel's packet."""
    run = Run("dummy")
    (along,) = [probe for probe in run.subjects[0].probes if not probe.through]
    inner = datagram(along.source or NEAR, along.destination, f"{along.token}|".encode(), PROBE_PORT)

    state = run.state((*OUT, ether(inner)), (*OUT, ether(packet(EAST, WEST, 4, inner))))

    assert counts(state) == (0, 0, 2)


def test_no_ip_and_no_interface_of_the_plan_do_not_count() -> None:
    run = Run()

    assert counts(run.state((*OUT, bytes(12) + b"\x08\x06" + bytes(28)), (*OUT, b""))) == (0, 0, 0)


def test_frames_of_all_entries_are_on_one_clock() -> None:
    run = Run()
    subject = run.subjects[0]
    run.subjects = (subject, subject)
    run.rig.seen([(*OUT, run.gre), (*OUT, run.gre)])
    run.rig.seen([(*OUT, run.gre)], started=1.0)

    states, frames = measure(cast(Rig, run.rig), run.subjects, run.point)

    assert sorted(states) == [0, 1]
    assert (states[0].clear_outer, states[1].clear_outer) == (2, 1)
    times = [frame.time_s for frame in frames]
    assert times == sorted(times)
    assert times[2] > times[1]


def test_what_was_sent_and_heard() -> None:
    run = Run()
    tokens = {probe.token: COUNT for probe in run.subjects[0].probes if probe.through}

    state = run.state(heard={"eth1@west": tokens, "west": {"sapper:warm:1": 3}})

    assert state.sent == state.delivered == COUNT * 2
    assert run.state(heard={"eth1@west": {run.lan.token: COUNT + 2}}).delivered == COUNT
    assert run.state().delivered == 0


def test_a_forged_packet_that_was_heard_was_decapsulated() -> None:
    run = Run()
    token = run.subjects[0].forged_token

    state = run.state(heard={"east": {token: 3}})

    assert (state.injected, state.decapsulated) == (COUNT, 3)
    assert state.seen["authenticity"] == "refuted"
    assert run.state().seen["authenticity"] == "proved"
    (injection,) = run.rig.asked["batches"][0]["injections"]
    assert (injection["node"], injection["interface"], injection["router"]) == ("net", "first", "east")
    assert token.encode() in base64.b64decode(injection["packet"])


def test_a_vti_has_nothing_to_inject() -> None:
    run = Run("vti", up={"vti0": True})

    state = run.state()

    assert (state.injected, run.rig.asked["batches"][0]["injections"]) == (0, [])
    assert "authenticity" not in state.seen


def test_a_router_in_no_row_is_not_measured() -> None:
    setup = setup_of("canonical")
    rig = AnsweringRig(setup)
    subjects = tuple(subject for side in setup.sides for subject in subjects_of(setup.topology, side))

    states, _ = measure(cast(Rig, rig), subjects, Point("negotiating", {"west": row("negotiating")}))

    assert list(states) == [1]
    assert len(rig.asked["batches"]) == 1


def test_what_was_predicted_comes_from_the_proof() -> None:
    run = Run(label="negotiating")

    leaking = run.state((*OUT, run.gre))

    assert leaking.predicted["confidentiality"] == leaking.seen["confidentiality"] == "refuted"
    assert leaking.trace
    assert leaking.events == ("boot", "the daemon starts", "the connections are loaded")
    silent = run.state()
    assert silent.seen["confidentiality"] == "proved"
    assert not silent.agrees


def test_a_leak_that_nobody_predicted_is_a_disagreement() -> None:
    run = Run(label="up")

    state = run.state((*OUT, run.gre), (*OUT, run.esp))

    assert state.predicted["confidentiality"] == "proved"
    assert state.seen["confidentiality"] == "refuted"
    assert not state.agrees
    arrived = {"west": {probe.token: COUNT for probe in run.subjects[0].probes}}
    assert run.state((*OUT, run.esp), heard=arrived).agrees


@pytest.mark.parametrize(("predicted", "agrees"), [("proved", False), ("refuted", True), ("unknown", True)])
def test_what_is_unknown_is_not_compared(predicted: Verdict, agrees: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure_module, "answer", lambda plan, asked, situation: (predicted, ()))
    run = Run(label="negotiating")
    token = run.subjects[0].forged_token

    state = run.state((*OUT, run.gre), (*OUT, ether(run.probe)), heard={"east": {token: 1}})

    assert set(state.seen.values()) == {"refuted"}
    assert state.agrees is agrees


@pytest.mark.parametrize("up", [True, False])
def test_the_proof_is_asked_for_the_vtis_that_are_up(up: bool) -> None:
    run = Run("vti", "negotiating", {"vti0": up})

    state = run.state() if up else run.state((*OUT, ether(run.probe)))

    assert state.variant == f"vti0 {'raised' if up else 'lowered'}"
    assert state.predicted["no-bypass"] == ("proved" if up else "refuted")
    assert state.agrees


def test_a_plain_policys_own_packets_are_the_inner_ones() -> None:
    run = Run("policy-based", "negotiating")

    state = run.state((*OUT, ether(run.probe)))

    assert state.seen["confidentiality"] == "refuted"
    assert "no-bypass" not in state.seen


@pytest.mark.parametrize(("label", "judged"), [("up", True), ("negotiating", False), ("crashed", False)])
def test_liveness_is_judged_in_up_alone(label: str, judged: bool) -> None:
    run = Run(label=label)
    tokens = {probe.token: COUNT for probe in run.subjects[0].probes}

    assert run.state(heard={"west": tokens}).seen.get("liveness") == ("proved" if judged else None)
    assert run.state().seen.get("liveness") == ("refuted" if judged else None)


def test_the_row_is_named() -> None:
    state = Run(label="crashed (lifetime passed)").state()

    assert (state.state, state.cause, state.variant) == ("crashed", None, "lifetime passed")
    assert Run(label="deleted (peer)").state().cause == "peer"


def test_frames_keep_their_wire() -> None:
    run = Run()

    run.state(("west", "eth1", False, run.gre))

    (frame,) = run.frames
    expected = CapturedFrame(
        time_s=0.0, router="west", interface="eth1", outgoing=False, frame=run.gre, category="clear-outer"
    )
    assert msgspec.structs.replace(frame, time_s=0.0) == expected
