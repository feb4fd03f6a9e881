"""Plays cases in a guest: every event for real, and after each the kernels and at the end the wires are asked.

Nobody waits for a time: the agent looks until both kernels are as one of the predicted states says. What was found
narrows the states that the next event starts from.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from sapper.lab.guest import Guest
from sapper.lab.judge.with_daemon.case import READY, Case, Step, actions_of_pair, follow, made_ready, setup_of
from sapper.lab.judge.with_daemon.joint import Joint
from sapper.lab.judge.with_daemon.predicted import kernel_of, verdicts, vtis_of
from sapper.lab.measure import measure, subjects_of
from sapper.lab.rig import Rig, Side
from sapper.lab.run import Setup
from sapper.lab.scenario import Point
from sapper.lab.swanctl import Timers
from sapper.proof.states.history import Actions, Event, Held
from sapper.proof.states.reach import row_of

_KERNELS_S = 10.0
# charon answers nothing while an updown script runs, so its peer must not give up as soon as elsewhere.
_SCRIPTS_S = 8.0
_PATIENT = Timers(retransmit_timeout_s=2.0)
_GIVEN_UP = "giving up after"
_AT_ONCE = "-1"


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """``step`` counts the events that had been played; 0 is before the first."""

    case: Case
    step: int
    what: str
    log: str = ""

    @property
    def too_slow(self) -> bool:
        """A daemon gave up a request although its peer was there all the time: the machine was too slow, not the model wrong."""
        silent = {Event.SILENCE, Event.KILL, Event.BOOT, Event.STOP, Event.EXPIRE}
        return _GIVEN_UP in self.log and not any(step.event in silent for step in self.case.steps[: self.step])


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """``compared`` counts kernels and verdicts; ``disagreement`` None: all as predicted."""

    case: Case
    disagreement: Disagreement | None
    compared: int
    took_s: float


class Player:
    """One pair in one guest, built once for all its cases."""

    def __init__(self, guest: Guest, setup: Setup) -> None:
        self.setup = setup
        scripts = any(vtis_of(side) for side in setup.sides)
        self.rig = Rig(guest, setup.topology, setup.sides, _PATIENT if scripts else Timers())
        self._kernels_s = _KERNELS_S + (_SCRIPTS_S if scripts else 0.0)
        self.actions: tuple[Actions, Actions] = actions_of_pair(setup)
        self.subjects = tuple(subject for side in setup.sides for subject in subjects_of(setup.topology, side))
        self._hands: dict[Event, Callable[[Side], None]] = {
            Event.BOOT: self._boot,
            Event.START: lambda side: self.rig.start(side),
            Event.LOAD: lambda side: self.rig.load(only=side),
            Event.UNLOAD: lambda side: self.rig.unload(side),
            Event.RELOAD: self._reload,
            Event.INITIATE: self._initiate,
            Event.TRAFFIC: self._send,
            Event.TERMINATE: self._terminate,
            Event.EXPIRE: lambda side: self._tell("expire", side),
            Event.REKEY: self._rekey,
            Event.STOP: lambda side: self.rig.stop(side),
            Event.KILL: lambda side: self.rig.kill(side),
            Event.FLUSH: lambda side: self.rig.flush(side),
            Event.SILENCE: lambda _: self.rig.block_ike(True),
            Event.ANSWER: lambda _: self.rig.block_ike(False),
            Event.LOWER: lambda side: self._set_vtis(side, up=False),
            Event.RAISE: lambda side: self._set_vtis(side, up=True),
        }

    def build(self) -> None:
        """The pair's network, with every neighbour found: the first packets of a new link are often lost."""
        self.rig.build()
        for _ in range(2):
            for side in self.rig.sides:
                self._send(side)

    def take_down(self) -> None:
        """Everything of this pair out of the guest."""
        self.rig.take_down()

    def play(self, case: Case) -> Outcome:
        """Plays one case from a boot of both routers. Raises LabUnavailable."""
        started = time.monotonic()
        compared = 0
        found: Disagreement | None = None
        running = [False, False]
        self._wipe()
        joints = frozenset({Joint()})
        if case.ready:
            joints = made_ready(self.actions)
            for first in READY:
                self._do(first)
            running = [True, True]
        for at, step in enumerate((None, *case.steps)):
            if step is not None:
                if _possible(step, running):
                    self._do(step)
                joints = follow(joints, step, self.actions)
            compared += 2
            joints, difference = self._compare_kernels(joints)
            if difference is not None:
                found = Disagreement(case=case, step=at, what=difference, log=self._logs())
                break
        if found is None:
            count, difference = self._compare_wires(joints)
            compared += count
            if difference is not None:
                found = Disagreement(case=case, step=len(case.steps), what=difference, log=self._logs())
        return Outcome(case=case, disagreement=found, compared=compared, took_s=time.monotonic() - started)

    def _do(self, step: Step) -> None:
        self._hands[step.event](self.rig.sides[step.at])

    # Events that the rig has no word for.

    def _tell(self, do: str, side: Side) -> None:
        self.rig.ask(do, nodes=[side.name])

    def _wipe(self) -> None:
        for side in self.rig.sides:
            self._boot(side)
        self.rig.block_ike(False)

    def _boot(self, side: Side) -> None:
        self._tell("wipe", side)
        self._set_vtis(side, up=False)

    def _set_vtis(self, side: Side, *, up: bool) -> None:
        self.rig.ask("set-links", links={side.name: vtis_of(side)}, up=up)

    def _reload(self, side: Side) -> None:
        self.rig.unload(side)
        self.rig.load(only=side)

    def _order(self, side: Side, command: str, arguments: dict[str, str], *, stream: bool = True) -> None:
        """A command whose success is not the point: the kernels are asked afterwards."""
        self.rig.ask("vici", node=side.name, command=command, arguments=arguments, stream=stream)

    def _initiate(self, side: Side) -> None:
        for connection in side.connections:
            for child in connection.children:
                if child.mode != "pass":
                    asked = {"ike": connection.name, "child": child.name, "timeout": _AT_ONCE}
                    self._order(side, "initiate", asked)

    def _terminate(self, side: Side) -> None:
        for connection in side.connections:
            self._order(side, "terminate", {"ike": connection.name, "timeout": "5000"})

    def _rekey(self, side: Side) -> None:
        for child in side.children:
            self._order(side, "rekey", {"child": child.name}, stream=False)

    def _send(self, side: Side) -> None:
        flows = [
            probe.to_message() for item in self.subjects if item.side.name == side.name for probe in item.probes
        ]
        batch = {"flows": flows, "injections": []}
        self.rig.ask("measure", batches=[batch], watch={}, forgetful=self.rig.names, quiet_s=0.02, limit_s=0.3)

    # Comparing.

    def _compare_kernels(self, joints: frozenset[Joint]) -> tuple[frozenset[Joint], str | None]:
        """The states that fit what was found, or what was found instead."""
        told = {joint: self._kernels(joint) for joint in joints}
        wanted: list[dict[str, Any]] = []
        for joint, kernels in told.items():
            entry = {"kernels": kernels, "calm": not any(held.asking for held in joint.held)}
            if entry not in wanted:
                wanted.append(entry)
        vtis = {side.name: vtis_of(side) for side in self.rig.sides}
        answer = self.rig.ask(
            "wait-for-kernels", nodes=self.rig.names, vtis=vtis, wanted=wanted, deadline_s=self._kernels_s
        )
        fitting = frozenset(joint for joint, kernels in told.items() if kernels == answer["kernels"])
        if fitting:
            return fitting, None
        return joints, _difference(answer["kernels"], [entry["kernels"] for entry in wanted])

    def _kernels(self, joint: Joint) -> dict[str, Any]:
        return {side.name: kernel_of(side, held) for side, held in zip(self.rig.sides, joint.held, strict=True)}

    def _compare_wires(self, joints: frozenset[Joint]) -> tuple[int, str | None]:
        """Probes may themselves bring an SA up: a verdict may be that of a state in which they end."""
        sides = self.rig.sides
        alive = all(_works(joint) for joint in joints)
        rows = {}
        for at, side in enumerate(sides):
            row = row_of(min(joints, key=repr).held[at])
            rows[side.name] = row if row.state != "up" or alive else msgspec.structs.replace(row, state="flushed")
        measured, _ = measure(self.rig, self.subjects, Point("history", rows))
        later = joints
        for at in (0, 1):
            later |= follow(later, Step(at, Event.TRAFFIC), self.actions)
        compared = 0
        for position, state in measured.items():
            subject = self.subjects[position]
            own = sides.index(subject.side)
            held = {joint.held[own] for joint in later}
            expected = [verdicts(subject, item) for item in held]
            for word, seen in state.seen.items():
                said = {verdict[word] for verdict in expected if word in verdict}
                compared += bool(said)
                if said and seen not in said:
                    return (
                        compared,
                        f"{subject.side.name} {subject.entry.name}: {word}: wire {seen}, model {_words(said)}",
                    )
        return compared, None

    def _logs(self) -> str:
        logs = self.rig.ask("logs", nodes=self.rig.names, limit=6000)["logs"]
        return "\n".join(f"== {name}\n{text}" for name, text in logs.items())


def play_one(guest: Guest, case: Case) -> Outcome:
    """One case of a pair that is built for it alone. Raises LabUnavailable."""
    player = Player(guest, setup_of(case))
    try:
        player.build()
        return player.play(case)
    finally:
        player.take_down()


def _possible(step: Step, running: list[bool]) -> bool:
    """Whether the event can be made to happen; keeps the books about which daemons run."""
    at, event = step.at, step.event
    needs = (Event.LOAD, Event.UNLOAD, Event.RELOAD, Event.INITIATE, Event.TERMINATE, Event.REKEY, Event.STOP)
    possible = running[at] if event in needs else not running[at] if event is Event.START else True
    if event is Event.START:
        running[at] = True
    elif event in (Event.STOP, Event.KILL, Event.BOOT):
        running[at] = False
    return possible


def _works(joint: Joint) -> bool:
    """Both have the same SA with its policies and keys, and their VTIs are up: packets are delivered."""
    held: tuple[Held, Held] = joint.held
    return (
        joint.shared and joint.stale == (False, False) and all(item.policies == "sa" and item.keys for item in held)
    )


def _words(said: set[str]) -> str:
    return " or ".join(sorted(said))


def _difference(found: dict[str, Any], wanted: list[dict[str, Any]]) -> str:
    """Where the kernels differ from the nearest prediction, in one line."""

    def parts(kernels: dict[str, Any]) -> list[tuple[str, str, Any]]:
        return [(node, word, value) for node, kernel in kernels.items() for word, value in kernel.items()]

    def distance(kernels: dict[str, Any]) -> int:
        return sum(one != other for one, other in zip(parts(found), parts(kernels), strict=True))

    nearest = min(wanted, key=distance)
    return "; ".join(
        f"{node} {word}: kernel {seen}, model {said}"
        for (node, word, seen), (_, _, said) in zip(parts(found), parts(nearest), strict=True)
        if seen != said
    )
