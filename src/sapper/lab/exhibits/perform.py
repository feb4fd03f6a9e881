"""Runs exhibits: the bad example in the states that are enough, the mended one in all, demonstrations on both.

Every part is a job for some guest. What is mended alike is driven once: several findings are about one example.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from sapper.lab.exhibits.exhibit import Demonstration, Shown
from sapper.lab.exhibits.prepared import Case
from sapper.lab.guest import Guest
from sapper.lab.parallel import Job, run_jobs
from sapper.lab.result import LabRun
from sapper.lab.rig import LabFailed, Rig
from sapper.lab.run import Progress, Setup, run_pair
from sapper.lab.swanctl import Timers
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.states.lifecycle import STATES

# Lifetimes take long, and what they leave is the same as after a close.
DRIVEN = frozenset(STATES) - {"crashed", "restarted", "expired"}


class Failed(NamedTuple):
    """The lab could not do it, twice; ``why`` is its one line."""

    why: str


Outcome = LabRun | Shown | Failed


class Seen(NamedTuple):
    """One exhibit on the kernel: of ``bad`` a run or a demonstration, of what was mended a run, and the other one.

    ``failed``: the lab could not do one of them, and there is nothing.
    """

    case: Case
    bad: Outcome | None
    mended: LabRun | None
    mended_shown: Shown | None
    failed: str | None = None


def perform(cases: Sequence[Case], progress: Progress, guests: int | None = None) -> list[Seen]:
    """Every case, in order. Raises LabUnavailable."""
    jobs: list[Job[Outcome]] = []
    places: dict[object, int] = {}

    def place(job: Job[Outcome], key: object) -> int:
        if key not in places:
            places[key] = len(jobs)
            jobs.append(job)
        return places[key]

    wanted: list[tuple[int, int, int | None]] = []
    for case in cases:
        show = case.exhibit.show
        if show is not None:
            bad = place(_demonstration(case.bad, show), ("shown", case.exhibit.label))
            again = place(_demonstration(case.exhibit.laid_out(case.mended), show), ("quiet", case.exhibit.label))
        else:
            bad = place(_lifecycle(case.bad, case.exhibit.states), ("bad", case.exhibit.label))
            again = None
        wanted.append((bad, place(_lifecycle(case.mended, DRIVEN), _what_runs(case.mended)), again))
    outcomes = run_jobs(jobs, progress, guests)
    return [_seen(case, outcomes, *at) for case, at in zip(cases, wanted, strict=True)]


def _seen(case: Case, outcomes: Sequence[Outcome], bad: int, mended: int, again: int | None) -> Seen:
    run, shown = outcomes[mended], outcomes[again] if again is not None else None
    failed = [item.why for item in (outcomes[bad], run, shown) if isinstance(item, Failed)]
    if failed:
        return Seen(case, None, None, None, failed[0])
    assert isinstance(run, LabRun)
    assert shown is None or isinstance(shown, Shown)
    return Seen(case, outcomes[bad], run, shown)


def _what_runs(setup: Setup) -> object:
    """Equal for setups that would do the same in the lab."""
    plans = {name: msgspec.structs.replace(plan, assumptions=()) for name, plan in setup.topology.plans.items()}
    return repr(plans)


def _lifecycle(setup: Setup, states: frozenset[str]) -> Job[Outcome]:
    return _forgiving(setup.title, lambda guest, progress: run_pair(setup, guest, progress, states))


def _demonstration(setup: Setup, show: Demonstration) -> Job[Outcome]:
    return _forgiving(setup.title, partial(demonstrate, setup, show))


def _forgiving(title: str, run: Callable[[Guest, Progress], Outcome]) -> Job[Outcome]:
    """A job that the lab cannot do is tried again in a new guest; if it fails there, the others go on."""
    failures: list[str] = []

    def attempt(guest: Guest, progress: Progress) -> Outcome:
        try:
            return run(guest, progress)
        except LabFailed as failure:
            failures.append(str(failure))
            if len(failures) == 1:
                raise
            progress(f"{title}: {failure}")
            return Failed(failures[-1])

    return Job(title, attempt)


def demonstrate(setup: Setup, show: Callable[[Rig], Shown], guest: Guest, progress: Progress) -> Shown:
    """The demonstration on freshly built routers, which are taken down again. Raises LabUnavailable."""
    progress(f"{setup.title}: demonstration")
    rig = Rig(guest, setup.topology, setup.sides, Timers.for_routers(len(setup.sides)))
    try:
        rig.build()
        return show(rig)
    finally:
        with contextlib.suppress(LabUnavailable):
            rig.take_down()
