"""Several pairs at once, or other jobs for a guest: a few guests, each of which does one after the other.

A guest uses one processor and waits half of its time, for retransmissions and lifetimes, so there are two of them for
each processor. Each belongs to a thread that lives as long. A job whose guest hangs or dies is tried once more in a
new guest; a disagreement is never retried.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from sapper.lab.guest import Guest
from sapper.lab.result import LabRun
from sapper.lab.run import Progress, Setup, run_pair
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.states.lifecycle import STATES

_TRIES = 2
_GUESTS_PER_PROCESSOR = 2
_POLL_S = 0.1
_JOIN_S = 10.0
T = TypeVar("T")


class Job(NamedTuple, Generic[T]):
    """What is to be done in a booted guest, which it leaves empty again. ``run`` raises LabUnavailable."""

    title: str
    run: Callable[[Guest, Progress], T]


class _Work(Generic[T]):
    """What the threads share: the jobs to do, the results, the guests that are alive, the first failure."""

    def __init__(self, jobs: Sequence[Job[T]], progress: Progress) -> None:
        self.todo: queue.SimpleQueue[tuple[int, Job[T], int]] = queue.SimpleQueue()
        for at, job in enumerate(jobs):
            self.todo.put((at, job, 1))
        self.progress = progress
        self.results: dict[int, T] = {}
        self.guests: list[Guest] = []
        self.failure: BaseException | None = None
        self.ending = False


def run_pairs(
    setups: Sequence[Setup],
    progress: Progress,
    states: frozenset[str] = frozenset(STATES),
    guests: int | None = None,
    new_guest: Callable[[Progress], Guest] | None = None,
    kernel: str | None = None,
) -> list[LabRun]:
    """Runs every pair and returns the results in the order of the pairs. Raises LabUnavailable.

    ``kernel`` is the guests', in the words of ``--kernel``; without it SAPPER_KERNEL says which, or it is the default.
    """
    jobs = [Job(setup.title, partial(_pair, setup, states)) for setup in setups]
    return run_jobs(jobs, progress, guests, new_guest or partial(_with_kernel, kernel))


def _with_kernel(kernel: str | None, progress: Progress) -> Guest:
    return Guest(progress=progress, kernel=kernel)


def _pair(setup: Setup, states: frozenset[str], guest: Guest, progress: Progress) -> LabRun:
    return run_pair(setup, guest, progress, states)


def run_jobs(
    jobs: Sequence[Job[T]],
    progress: Progress,
    guests: int | None = None,
    new_guest: Callable[[Progress], Guest] = lambda progress: Guest(progress=progress),
) -> list[T]:
    """Does every job and returns the results in the order of the jobs. Raises LabUnavailable."""
    work = _Work(jobs, progress)
    asked = guests or int(os.environ.get("SAPPER_GUESTS") or 0)
    count = min(asked or _GUESTS_PER_PROCESSOR * len(os.sched_getaffinity(0)), len(jobs))
    threads = [threading.Thread(target=_serve, args=(work, new_guest), daemon=True) for _ in range(count)]
    try:
        for thread in threads:
            thread.start()
        # No join here: a Ctrl-C in one makes Python take the thread for stopped (bpo-45274).
        while not work.ending and any(thread.is_alive() for thread in threads):
            time.sleep(_POLL_S)
    finally:
        # On Ctrl-C, or when one pair has failed for good, the threads wait for their guests; closing those ends it.
        work.ending = True
        for guest in list(work.guests):
            guest.close()
        for thread in threads:
            thread.join(_JOIN_S)
    if work.failure is not None:
        raise work.failure
    return [work.results[at] for at in range(len(jobs))]


def _serve(work: _Work[T], new_guest: Callable[[Progress], Guest]) -> None:
    """One thread: a guest, and job after job, until none is left."""
    while not work.ending and not work.todo.empty():
        try:
            guest = new_guest(work.progress)
            # Known before it boots, so that Ctrl-C need not wait for that.
            work.guests.append(guest)
            try:
                with guest:
                    _drain(work, guest)
            finally:
                work.guests.remove(guest)
        except BaseException as error:
            if work.failure is None and not work.ending:
                work.failure = error
            work.ending = True
            return


def _drain(work: _Work[T], guest: Guest) -> None:
    """Does jobs in this guest until none is left, or until one fails and goes back for another try."""
    while not work.ending:
        try:
            at, job, attempt = work.todo.get_nowait()
        except queue.Empty:
            return
        try:
            work.results[at] = job.run(guest, work.progress)
        except LabUnavailable as error:
            if work.ending or attempt >= _TRIES:
                raise
            work.progress(f"{job.title}: {error}; trying it once more in a new guest")
            work.todo.put((at, job, attempt + 1))
            return
