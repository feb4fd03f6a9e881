"""Several pairs at once: a few guests, each of which runs one pair after the other.

A guest uses one processor and waits half of its time, for retransmissions and lifetimes, so there are two of them for
each processor. Each belongs to a thread that lives as long. A pair whose guest hangs or dies is tried once more in a new guest; a disagreement is never retried.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Sequence

from sapper.lab.guest import Guest
from sapper.lab.result import LabRun
from sapper.lab.run import Progress, Setup, run_pair
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.lifecycle import STATES

_TRIES = 2
_GUESTS_PER_PROCESSOR = 2
_POLL_S = 0.1
_JOIN_S = 10.0


class _Work:
    """What the threads share: the pairs to run, the results, the guests that are alive, the first failure."""

    def __init__(self, setups: Sequence[Setup], progress: Progress, states: frozenset[str]) -> None:
        self.todo: queue.SimpleQueue[tuple[int, Setup, int]] = queue.SimpleQueue()
        for at, setup in enumerate(setups):
            self.todo.put((at, setup, 1))
        self.progress = progress
        self.states = states
        self.results: dict[int, LabRun] = {}
        self.guests: list[Guest] = []
        self.failure: BaseException | None = None
        self.ending = False


def run_pairs(
    setups: Sequence[Setup],
    progress: Progress,
    states: frozenset[str] = frozenset(STATES),
    guests: int | None = None,
    new_guest: Callable[[Progress], Guest] = lambda progress: Guest(progress=progress),
) -> list[LabRun]:
    """Runs every pair and returns the results in the order of the pairs. Raises LabUnavailable."""
    work = _Work(setups, progress, states)
    count = min(guests or _GUESTS_PER_PROCESSOR * len(os.sched_getaffinity(0)), len(setups))
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
    return [work.results[at] for at in range(len(setups))]


def _serve(work: _Work, new_guest: Callable[[Progress], Guest]) -> None:
    """One thread: a guest, and pair after pair, until none is left."""
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


def _drain(work: _Work, guest: Guest) -> None:
    """Runs pairs in this guest until none is left, or until one fails and goes back for another try."""
    while not work.ending:
        try:
            at, setup, attempt = work.todo.get_nowait()
        except queue.Empty:
            return
        try:
            work.results[at] = run_pair(setup, guest, work.progress, work.states)
        except LabUnavailable as error:
            if work.ending or attempt >= _TRIES:
                raise
            work.progress(f"{setup.title}: {error}; trying it once more in a new guest")
            work.todo.put((at, setup, attempt + 1))
            return
