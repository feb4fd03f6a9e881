"""What a played scenario found, as plain records: the source of its text, its JSON and its captures."""

from __future__ import annotations

import msgspec

from sapper.lab.faults.fault import Saw
from sapper.lab.result import LabRun, TunnelState, Verdict


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What one tunnel showed after a step. ``row`` is what the file named, ``predicted`` what the proof said of it."""

    router: str
    tunnel: str
    row: str | None
    state: TunnelState
    predicted: dict[str, Verdict]
    wrong: tuple[str, ...]


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """One step; ``wrong`` are sentences, those of its looks included."""

    number: int
    place: str
    text: str
    note: str
    saw: Saw
    looks: tuple[Look, ...]
    wrong: tuple[str, ...]
    took_s: float

    @property
    def label(self) -> str:
        return label_of(self.number, self.text)


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """A whole scenario. A step that the lab could not do ends it (``broken``), with its reason among ``wrong``.

    ``run`` has what was seen in each look, in the form that captures and pages are written from.
    """

    title: str
    kernel: str
    provider: str
    ike: str
    sapper: str
    steps: tuple[StepResult, ...]
    shortened: tuple[str, ...]
    run: LabRun
    duration_s: float
    broken: bool = False

    @property
    def wrong(self) -> tuple[str, ...]:
        return tuple(f"{step.place}: {sentence}" for step in self.steps for sentence in step.wrong)


def label_of(number: int, text: str) -> str:
    """The name of a step's look in captures and pages; steps count from 1 there."""
    return f"{number + 1:02} {text}"
