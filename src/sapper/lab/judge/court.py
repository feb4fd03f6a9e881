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
from sapper.lab.unavailable import GuestHung, LabUnavailable

BATCH = 16
_DEADLINE_S, _ALONE_S = 120.0, 30.0
AGENT = "sapper.lab.inside.judge"


class Judged(NamedTuple):
    """One case with its score; ``refused`` names what the kernel refused of it, and then nothing was compared."""

    case: Case
    tally: Tally
    observed: Observed
    refused: tuple[str, ...] = ()


class Hung(GuestHung):
    """The kernel did not come back; ``cases`` are those that it had been given and had not answered."""

    def __init__(self, message: str, cases: Sequence[Case]) -> None:
        super().__init__(message)
        self.cases = tuple(cases)


def guest(**options: Any) -> Guest:
    """A guest with the judge's own agent."""
    return Guest(agent_module=AGENT, **options)


def judged(
    court: Guest, cases: Iterable[Case], size: int = BATCH, deadline_s: float = _DEADLINE_S
) -> Iterator[Judged]:
    """Each case, run and compared. While the guest is busy with one batch, the next is worked out here.

    Raises :class:`Hung` when a batch is not answered within its deadline.
    """
    remaining = iter(cases)
    waiting: list[tuple[Case, Program]] = []
    while True:
        batch = [(case, program(case)) for case in islice(remaining, size)]
        if waiting:
            try:
                answers = _received(court, deadline_s)
            except GuestHung as silence:
                raise Hung(str(silence), [case for case, _ in (*waiting, *batch)]) from silence
        if batch:
            court.send({"cases": [prepared.message for _, prepared in batch]})
        if waiting:
            yield from map(_score, waiting, answers)
        if not batch:
            return
        waiting = batch


def _received(court: Guest, deadline_s: float) -> Sequence[dict[str, Any]]:
    answer = court.receive(deadline_s)
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


def judge_for(
    start: Callable[[], Guest],
    cases: Iterable[Case],
    seconds: float,
    report: Callable[[Judged], None],
    hung: Callable[[Case], None],
) -> float:
    """Judges until the cases or the time are over; returns the seconds that it took.

    A case that a kernel does not come back from is told to ``hung``, and another guest goes on with the others.
    """
    started = time.monotonic()
    pending = _until(cases, started + seconds)
    suspects: list[Case] = []
    while True:
        with start() as court:
            if not _one_by_one(court, suspects, report, hung):
                continue
            try:
                for one in judged(court, pending):
                    report(one)
                return time.monotonic() - started
            except Hung as silence:
                suspects = list(silence.cases)


def _one_by_one(
    court: Guest, suspects: list[Case], report: Callable[[Judged], None], hung: Callable[[Case], None]
) -> bool:
    """Each by itself, and taken off the list before the guest hears of it; False if one ended the guest."""
    while suspects:
        case = suspects.pop(0)
        try:
            for one in judged(court, [case], 1, _ALONE_S):
                report(one)
        except Hung:
            hung(case)
            return False
    return True


def _until(cases: Iterable[Case], end: float) -> Iterator[Case]:
    for case in cases:
        if time.monotonic() > end:
            return
        yield case
