"""A case: two configurations as text, and the events at them. Drawn from a seed, or kept in a directory.

A directory has ``east.set``, ``west.set`` and ``events.json``: who is behind NAT, the events with their routers, and a
sentence about what was learnt.
"""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.lab.judge.with_daemon.joint import MADE, Joint, happen, rest
from sapper.lab.judge.with_daemon.networks import Wish, draw, texts
from sapper.lab.pairing import End
from sapper.lab.run import Setup, prepare
from sapper.model.build import build
from sapper.proof.states.history import Actions, Event, actions_of

SIDES = ("east", "west")
LONGEST = 6
_WEIGHTS = {
    Event.BOOT: 1, Event.START: 8, Event.LOAD: 10, Event.UNLOAD: 3, Event.RELOAD: 3, Event.INITIATE: 14, Event.TRAFFIC: 3,
    Event.TERMINATE: 5, Event.EXPIRE: 4, Event.REKEY: 4, Event.STOP: 3, Event.KILL: 3, Event.FLUSH: 2, Event.SILENCE: 1,
    Event.ANSWER: 4, Event.LOWER: 2, Event.RAISE: 2,
}  # fmt: skip


class Step(msgspec.Struct, frozen=True):
    """An event at a router of the pair (0 is East)."""

    at: int
    event: Event

    def __str__(self) -> str:
        return f"{SIDES[self.at]}: {self.event.value}"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """``ready``: both daemons are started and have loaded their connections before the first event."""

    name: str
    texts: tuple[str, str]
    nat: bool
    ready: bool
    steps: tuple[Step, ...]
    learnt: str = ""

    def __str__(self) -> str:
        words = ["boot", *(["both ready"] if self.ready else []), *map(str, self.steps)]
        return f"{self.name}: " + " > ".join(words)


# West loads first, and nobody waits for what it asks: it may be refused, or still be asking when East has loaded.
READY = (Step(0, Event.START), Step(1, Event.START), Step(1, Event.LOAD), Step(0, Event.LOAD))


def made_ready(actions: tuple[Actions, Actions]) -> frozenset[Joint]:
    """Where two routers can be when both have started and loaded."""
    joints = frozenset({Joint()})
    for step in READY:
        joints = frozenset(found for joint in joints for found in happen(joint, step.at, step.event, actions))
        joints |= rest(joints, actions)
    return rest(joints, actions)


class Drawn(msgspec.Struct, frozen=True):
    """A pair with several histories, so that it is built once. ``wish`` is what the texts were written from."""

    wish: Wish
    cases: tuple[Case, ...]


def setup_of(case: Case) -> Setup:
    """The case's pair, ready to run. Raises UnusablePair."""
    ends = [_end(text, name) for text, name in zip(case.texts, SIDES, strict=True)]
    return prepare(case.name, ends[0], ends[1], SIDES[0] if case.nat else None)


def _end(text: str, name: str) -> End:
    document = read(text, f"{name}.set")
    upgraded = upgrade(document)
    return End(document.source, build(upgraded.root, upgraded.generation, name).router)


def actions_of_pair(setup: Setup) -> tuple[Actions, Actions]:
    first, second = setup.sides
    return actions_of(first.connections[0]), actions_of(second.connections[0])


def draw_cases(seed: str, histories: int) -> Drawn:
    """A random pair and that many histories of it; the same seed draws the same."""
    source = random.Random(seed)
    wish = draw(source)
    written = texts(wish)
    base = Case(name=f"seed {seed}", texts=written, nat=wish.nat, ready=True, steps=())
    actions = actions_of_pair(setup_of(base))
    cases = tuple(_draw_history(base, at, source, actions) for at in range(histories))
    return Drawn(wish, cases)


def _draw_history(base: Case, at: int, source: random.Random, actions: tuple[Actions, Actions]) -> Case:
    ready = source.random() < 0.85
    case = msgspec.structs.replace(base, name=f"{base.name}/{at}", ready=ready)
    joints = made_ready(actions) if ready else frozenset({Joint()})
    steps: list[Step] = []
    for _ in range(source.randint(1, LONGEST)):
        step = _draw_step(source.choice(sorted(joints, key=repr)), source, actions)
        steps.append(step)
        joints = follow(joints, step, actions)
    return msgspec.structs.replace(case, steps=tuple(steps))


def follow(joints: frozenset[Joint], step: Step, actions: tuple[Actions, Actions]) -> frozenset[Joint]:
    """Where both routers can come to rest after the step."""
    return rest((found for joint in joints for found in happen(joint, step.at, step.event, actions)), actions)


def _draw_step(joint: Joint, source: random.Random, actions: tuple[Actions, Actions]) -> Step:
    """An event, mostly one that changes something here."""
    choices = [Step(at, event) for at in (0, 1) for event in MADE]
    telling = [step for step in choices if _tells(joint, step, actions)]
    if source.random() < 0.95 and telling:
        choices = telling
    return source.choices(choices, [_WEIGHTS[step.event] for step in choices])[0]


def _tells(joint: Joint, step: Step, actions: tuple[Actions, Actions]) -> bool:
    """Whether the event changes anything, or should change nothing although the daemon has work with it."""
    busy = step.event in (Event.REKEY, Event.TRAFFIC) and joint.held[step.at].up
    return busy or happen(joint, step.at, step.event, actions) != {joint}


def save(case: Case, directory: Path) -> None:
    """Writes the case as a directory of its own."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in zip(SIDES, case.texts, strict=True):
        (directory / f"{name}.set").write_text(text)
    kept = {
        "behind_nat": SIDES[0] if case.nat else None,
        "ready": case.ready,
        "events": [[SIDES[step.at], step.event.value] for step in case.steps],
        "learnt": case.learnt,
    }
    (directory / "events.json").write_bytes(msgspec.json.format(msgspec.json.encode(kept)) + b"\n")


def load(directory: Path) -> Case:
    """The case that a directory keeps."""
    kept = msgspec.json.decode((directory / "events.json").read_bytes())
    return Case(
        name=directory.name,
        texts=((directory / "east.set").read_text(), (directory / "west.set").read_text()),
        nat=kept["behind_nat"] is not None,
        ready=kept["ready"],
        steps=tuple(Step(SIDES.index(name), Event(word)) for name, word in kept["events"]),
        learnt=kept["learnt"],
    )
