"""Plays a scenario: one event after the other on running routers, and a look at the wire where something is expected.

Two predictions are compared with the wire. What the file expects, always; and what the proof says, where the file
names a row of the lifecycle: the proof is asked for that row, with the Plan and the move of the network that the
faults that last make of it. A fault that the proof cannot be asked about leaves the file's own words.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

import sapper
from sapper.config.source import UnreadableText
from sapper.lab.alive import foretold
from sapper.lab.events import EVENTS
from sapper.lab.expected import contradictions, differences
from sapper.lab.faults.fault import Fault, Saw
from sapper.lab.guest import Guest
from sapper.lab.measure import Subject, measure, subjects_of
from sapper.lab.observe import flows_of, observe
from sapper.lab.played import Look, Played, StepResult, label_of
from sapper.lab.result import CapturedFrame, LabRun, Observed, TunnelRun, Verdict
from sapper.lab.rig import LabFailed, Rig, Side
from sapper.lab.run import Setup, tunnel_run
from sapper.lab.scenario import Point
from sapper.lab.scenario_file import Expectation, Scenario, Step
from sapper.lab.swanctl import Timers
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.properties.tally import answer
from sapper.proof.prove import questions
from sapper.proof.states.lifecycle import TABLE, Row
from sapper.proof.states.situation import UNDISTURBED, Situation, rows_for


def check(scenario: Scenario, setup: Setup) -> None:
    """That every router and tunnel that the scenario names is there. Raises UnreadableText with the place."""
    names = {side.name: side for side in setup.sides}
    for step in scenario.steps:
        at = ("step", step.number)
        if step.router is not None and step.event is not None:
            _known(scenario, step.router, names, *at, step.event)
        for field in ("router", "initiator"):
            value = getattr(step.fault, field, None)
            if step.fault is not None and value is not None:
                _known(scenario, value, names, *at, step.fault.name, field)
        for expected in step.expect:
            here = (*at, "expect", expected.number)
            side = _known(scenario, expected.router, names, *here, "router")
            found = {subject.entry.name: subject for subject in subjects_of(setup.topology, side)}
            if expected.tunnel is not None and expected.tunnel not in found:
                known = ", ".join(found)
                message = f"{expected.router} has no protected tunnel {expected.tunnel!r}; it has {known}"
                raise scenario.complain(message, *here, "tunnel")
            if expected.row is not None and expected.row not in {row.label for row in rows_for(side.connections)}:
                message = f"{expected.row!r} does not exist for the connections of {expected.router}"
                raise scenario.complain(message, *here, "row")


def _known(scenario: Scenario, name: str, names: dict[str, Side], *path: str | int) -> Side:
    if name not in names:
        message = f"there is no router {name!r}; the routers are {', '.join(names)}"
        raise scenario.complain(message, *path)
    return names[name]


def play(setup: Setup, scenario: Scenario, guest: Guest, progress: Callable[[str], None]) -> Played:
    """Plays it in a booted guest, and leaves the guest empty again. Raises UnreadableText, LabUnavailable."""
    check(scenario, setup)
    started = time.monotonic()
    rig = Rig(guest, setup.topology, setup.sides, Timers())
    player = _Player(rig, setup, scenario)
    steps: list[StepResult] = []
    try:
        rig.build()
        for step in scenario.steps:
            progress(f"{scenario.title or setup.title}: {step.number + 1}: {step.text}")
            steps.append(player.do(step))
            if player.ended:
                break
    finally:
        player.restore()
        with contextlib.suppress(LabUnavailable):
            rig.take_down()
    took_s = time.monotonic() - started
    return Played(
        title=scenario.title or setup.title,
        kernel=guest.kernel,
        provider=guest.provider,
        ike=rig.version.replace("charon", "strongSwan"),
        sapper=sapper.__version__,
        steps=tuple(steps),
        shortened=rig.timers.sentences(),
        run=_run(setup, player, rig, steps, took_s),
        duration_s=took_s,
        broken=player.ended,
    )


def _run(setup: Setup, player: _Player, rig: Rig, steps: Sequence[StepResult], took_s: float) -> LabRun:
    """What was to be seen, in the form that captures and pages are written from: each look is a situation."""
    return LabRun(
        title=setup.title,
        provider=rig.guest.provider,
        kernel=rig.guest.kernel,
        ike=rig.version.replace("charon", "strongSwan"),
        sapper=sapper.__version__,
        tunnels=tuple(_tunnels(setup, player.subjects, steps)),
        nodes=setup.topology.nodes_for_report(),
        wires=setup.topology.wires_for_report(),
        shortened=rig.timers.sentences(),
        assumptions=tuple(dict.fromkeys(text for side in setup.sides for text in side.plan.assumptions)),
        frames=player.frames,
        observed=player.observed,
        flows=flows_of(player.subjects),
        versions=rig.guest.versions,
        duration_s=took_s,
    )


def _tunnels(setup: Setup, subjects: Sequence[Subject], steps: Sequence[StepResult]) -> Iterator[TunnelRun]:
    """Every entry that was looked at, with its looks; the row that the file named is the variant."""
    for subject in subjects:
        states = [
            msgspec.structs.replace(
                look.state,
                state=step.label,
                cause=None,
                variant=look.row,
                predicted=look.predicted,
                agrees=not look.wrong,
            )
            for step in steps
            for look in step.looks
            if (look.router, look.tunnel) == (subject.side.name, subject.entry.name)
        ]
        if states:
            yield tunnel_run(subject, states, setup.topology)


class _Player:
    """Remembers which faults last, and what was on the wires."""

    def __init__(self, rig: Rig, setup: Setup, scenario: Scenario) -> None:
        self._rig = rig
        self._scenario = scenario
        self.subjects = tuple(item for side in setup.sides for item in subjects_of(setup.topology, side))
        self._lasting: list[Fault] = []
        self._up_everywhere = True
        self.frames: dict[str, tuple[CapturedFrame, ...]] = {}
        self.observed: dict[str, Observed] = {}
        self.ended = False

    def do(self, step: Step) -> StepResult:
        """The step's event, then its looks."""
        started = time.monotonic()
        saw: Saw = {}
        looks: list[Look] = []
        wrong: list[str] = []
        try:
            saw = self._event(step)
            wrong += differences(step, saw)
            looks = list(self._look(step)) if step.expect else []
        except LabFailed as failure:
            wrong.append(str(failure))
            self.ended = True
        return StepResult(
            number=step.number,
            place=_place(self._scenario.complain("", "step", step.number)),
            text=step.text,
            note=step.note,
            saw=saw,
            looks=tuple(looks),
            wrong=(*wrong, *(sentence for look in looks for sentence in look.wrong)),
            took_s=time.monotonic() - started,
        )

    def restore(self) -> None:
        """Takes back what lasts and would outlive the routers: the guest's clock."""
        for fault in reversed(self._lasting):
            if fault.outlives:
                with contextlib.suppress(LabUnavailable):
                    fault.undo(self._rig)

    def _event(self, step: Step) -> Saw:
        if step.fault is not None:
            saw = step.fault.apply(self._rig)
            self._lasting.append(step.fault)
            return saw
        if step.event == "undo":
            self._undo(str(step.argument))
        elif step.event is not None:
            only = next((side for side in self._rig.sides if side.name == step.router), None)
            EVENTS[step.event](self._rig, only, step.argument)
        return {}

    def _undo(self, name: str) -> None:
        fault = next((fault for fault in reversed(self._lasting) if fault.name == name), None)
        if fault is None:
            raise LabFailed(f"undo: no {name} lasts")
        fault.undo(self._rig)
        self._lasting.remove(fault)

    def _look(self, step: Step) -> Iterator[Look]:
        """One measurement for all; a router that the file names no row of is looked at all the same."""
        chosen = [(item, at) for item in step.expect for at in self._places_of(item)]
        rows = {item.router: _row(item.row) for item, _ in chosen}
        self._up_everywhere = all(rows[item.router].state == "up" for item, _ in chosen if item.row is not None)
        label = label_of(step.number, step.text)
        states, self.frames[label] = measure(self._rig, self.subjects, Point(label, rows))
        self.observed[label] = observe(self._rig)
        self._rig.require({item.router: rows[item.router] for item, _ in chosen if item.row is not None})
        raised = self._raised()
        for item, at in chosen:
            subject, state = self.subjects[at], states[at]
            predicted = self._predicted(subject, rows[item.router], raised) if item.row is not None else {}
            yield Look(
                router=item.router,
                tunnel=subject.entry.name,
                row=item.row,
                state=state,
                predicted=predicted,
                wrong=tuple(
                    f"{item.router} {subject.entry.name}: {text}" for text in contradictions(item, state, predicted)
                ),
            )

    def _places_of(self, item: Expectation) -> list[int]:
        return [
            at
            for at, subject in enumerate(self.subjects)
            if subject.side.name == item.router and item.tunnel in (None, subject.entry.name)
        ]

    def _raised(self) -> dict[str, frozenset[str]]:
        links = {side.name: [link.name for link in side.plan.links if link.raised_by] for side in self._rig.sides}
        watched = {name: found for name, found in links.items() if found}
        if not watched:
            return {}
        answered = self._rig.ask("measure", batches=[], watch=watched, forgetful=[], quiet_s=0, limit_s=0)
        return {node: frozenset(name for name, up in each.items() if up) for node, each in answered["up"].items()}

    def _predicted(self, subject: Subject, row: Row, raised: dict[str, frozenset[str]]) -> dict[str, Verdict]:
        plan, moves = subject.side.plan, []
        for fault in self._lasting:
            if not fault.modelled(plan):
                raise LabFailed(
                    f"the proof cannot be asked about {plan.name} while {fault.name} lasts: name no row"
                )
            move = fault.move(plan)
            moves += [move] if move is not None else []
            plan = fault.bend(plan)
        if len(moves) > 1:
            raise LabFailed("the proof knows one move of the network at a time, and here are two: name no row")
        move = moves[0] if moves else UNDISTURBED
        situation = Situation(row, raised.get(plan.name, frozenset()), move=move)
        found: dict[str, Verdict] = {}
        for asked in questions(plan, subject.entry):
            # "The tunnel works" is said of an SA that is up at both ends, and of an undisturbed network only.
            if asked.property != "liveness" or (self._up_everywhere and not self._lasting):
                found[asked.property] = answer(plan, asked, situation)[0]
        if "liveness" in found:
            found["liveness"] = foretold(found["liveness"], subject.refused, subject.translated)
        return found


def _row(label: str | None) -> Row:
    """The row of that label; any one where the wire is all that is asked for."""
    return next((row for row in TABLE if row.label == label), TABLE[0])


def _place(complaint: UnreadableText) -> str:
    return str(complaint).removesuffix(": ")
