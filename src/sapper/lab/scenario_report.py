"""What a played scenario tells: lines for people, and the JSON document "sapper/scenario/1"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from sapper.lab.faults.fault import Saw
from sapper.lab.played import Look, Played, StepResult
from sapper.render.line import Line, Piece, line


class LookReport(msgspec.Struct, frozen=True, kw_only=True):
    """One tunnel after a step; ``row`` is the lifecycle row that the file named, ``predicted`` what the proof says."""

    router: str
    tunnel: str
    row: str | None
    sent: int
    delivered: int
    esp: int
    clear_outer: int
    clear_inner: int
    injected: int
    decapsulated: int
    seen: dict[str, str]
    predicted: dict[str, str]
    agrees: bool


class StepReport(msgspec.Struct, frozen=True, kw_only=True):
    """``place`` is file:line:column. ``saw`` is what the event itself reports, ``wrong`` what was not as expected."""

    number: int
    place: str
    event: str
    note: str
    saw: dict[str, int | None]
    tunnels: tuple[LookReport, ...]
    wrong: tuple[str, ...]


class ScenarioReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document. ``disagreements`` counts the sentences in ``wrong``."""

    schema: Literal["sapper/scenario/1"] = "sapper/scenario/1"
    title: str
    provider: str
    kernel: str
    ike: str
    sapper: str
    steps: tuple[StepReport, ...]
    disagreements: int
    shortened: tuple[str, ...] = ()
    duration_s: float = 0.0


def scenario_report(played: Played) -> ScenarioReport:
    """The document of one played scenario."""
    return ScenarioReport(
        title=played.title,
        provider=played.provider,
        kernel=played.kernel,
        ike=played.ike,
        sapper=played.sapper,
        steps=tuple(_step(step) for step in played.steps),
        disagreements=len(played.wrong),
        shortened=played.shortened,
        duration_s=round(played.duration_s, 3),
    )


def _step(step: StepResult) -> StepReport:
    return StepReport(
        number=step.number + 1,
        place=step.place,
        event=step.text,
        note=step.note,
        saw=step.saw,
        tunnels=tuple(_look(look) for look in step.looks),
        wrong=step.wrong,
    )


def _look(look: Look) -> LookReport:
    state = look.state
    return LookReport(
        router=look.router,
        tunnel=look.tunnel,
        row=look.row,
        sent=state.sent,
        delivered=state.delivered,
        esp=state.esp,
        clear_outer=state.clear_outer,
        clear_inner=state.clear_inner,
        injected=state.injected,
        decapsulated=state.decapsulated,
        seen=dict(state.seen),
        predicted=dict(look.predicted),
        agrees=not look.wrong,
    )


def scenario_lines(played: Played) -> list[Line]:
    """Each step with what was seen, what was not as expected right below it, and the sum as the last line."""
    lines = [line(Piece(played.title, "title"))]
    for step in played.steps:
        lines += _step_lines(step)
    wrong = len(played.wrong)
    lines.append(line(Piece(f"{played.provider}, Linux {played.kernel}, {played.ike}", "faint")))
    if wrong:
        lines.append(line(Piece(f"{wrong} not as expected", "bad")))
    else:
        lines.append(line(Piece(f"all as expected, {len(played.steps)} steps", "good")))
    return lines


def _step_lines(step: StepResult) -> Iterator[Line]:
    saw = saw_words(step.saw)
    yield line(f"{step.number + 1:3}  {step.text}", Piece(f"  {step.note}" if step.note else "", "faint"))
    if saw:
        yield line("     saw ", saw)
    for look in step.looks:
        state = look.state
        row = f" ({look.row})" if look.row else ""
        counts = f"sent {state.sent}, delivered {state.delivered}, esp {state.esp}, "
        counts += f"clear {state.clear_outer + state.clear_inner}"
        if state.injected:
            counts += f", injected {state.injected}, decapsulated {state.decapsulated}"
        yield line(f"     {look.router} {look.tunnel}{row}: {counts}")
    for sentence in step.wrong:
        yield line(Piece(f"     {step.place}: {sentence}", "bad"))


def saw_words(saw: Saw) -> str:
    """What an event itself reports."""
    return ", ".join(f"{name} {'unknown' if value is None else value}" for name, value in saw.items())
