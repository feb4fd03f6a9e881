"""Runs cases in one guest, in batches, and keeps the score."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sapper.lab.guest import Guest
from sapper.lab.judge.case import Case
from sapper.lab.judge.compare import Observed, Tally, compare, observed
from sapper.lab.judge.predict import predictions
from sapper.lab.judge.program import Program, program
from sapper.lab.unavailable import LabUnavailable

BATCH = 16
_DEADLINE_S = 120.0
AGENT = "sapper.lab.inside.judge"


class Judged(NamedTuple):
    """One case with its score; ``refused`` names what the kernel refused of it, and then nothing was compared."""

    case: Case
    tally: Tally
    observed: Observed
    refused: tuple[str, ...] = ()


def guest(**options: Any) -> Guest:
    """A guest with the judge's own agent."""
    return Guest(agent_module=AGENT, **options)


def judged(court: Guest, cases: Iterable[Case]) -> Iterator[Judged]:
    """Each case, run and compared. While the guest is busy with one batch, the next is worked out here."""
    remaining = iter(cases)
    waiting: list[tuple[Case, Program]] = []
    while True:
        batch = [(case, program(case)) for case in islice(remaining, BATCH)]
        if waiting:
            answers = _received(court)
        if batch:
            court.send({"cases": [prepared.message for _, prepared in batch]})
        if waiting:
            yield from map(_score, waiting, answers)
        if not batch:
            return
        waiting = batch


def _received(court: Guest) -> Sequence[dict[str, Any]]:
    answer = court.receive(_DEADLINE_S)
    if not answer["ok"]:
        raise LabUnavailable(f"the guest could not run a case: {answer['error']}")
    found: Sequence[dict[str, Any]] = answer["cases"]
    return found


def _score(one: tuple[Case, Program], answer: dict[str, Any]) -> Judged:
    case, prepared = one
    refused = tuple(_refusals(prepared, answer))
    seen = observed(case, prepared, answer)
    tally = Tally(0, Counter(), ()) if refused else compare(case, list(predictions(case)), seen)
    return Judged(case, tally, seen, refused)


def _refusals(prepared: Program, answer: dict[str, Any]) -> Iterator[str]:
    for step, number, why in answer["refused"]:
        if isinstance(why, str):
            yield f"nftables: {why}"
        elif (step, number) in prepared.about:
            yield f"{prepared.about[step, number].about}: error {why}"
    for seen in answer["seen"]:
        yield from (f"a packet for {what[1]}: error {why}" for what, why in seen["unsent"])


def judge_for(court: Guest, cases: Iterable[Case], seconds: float, report: Callable[[Judged], None]) -> float:
    """Judges until the cases or the time are over; returns the seconds that it took."""
    started = time.monotonic()
    for one in judged(court, _until(cases, started + seconds)):
        report(one)
    return time.monotonic() - started


def _until(cases: Iterable[Case], end: float) -> Iterator[Case]:
    for case in cases:
        if time.monotonic() > end:
            return
        yield case
