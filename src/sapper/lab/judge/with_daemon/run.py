"""Draws pairs and histories until the time is over, plays them in a few guests, and shrinks what disagrees.

A disagreement must show twice: on a loaded machine charon gives up requests that it would not give up elsewhere. What
shows once only is counted as unsteady, and told.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable

import msgspec

from sapper.lab.guest import Guest
from sapper.lab.judge.with_daemon.case import Case, Drawn, Step, draw_cases, setup_of
from sapper.lab.judge.with_daemon.networks import EndWish, Wish, texts
from sapper.lab.judge.with_daemon.play import Disagreement, Outcome, Player, play_one
from sapper.lab.unavailable import LabUnavailable

Progress = Callable[[str], None]
_HISTORIES = 5
_SHRINKING_TRIES = 14
# The kernel loads its modules for ESP at the first SA, which takes longer than charon waits.
_WARMING = (
    Wish(kind="gre-dummy", ends=(EndWish(connection_type="initiate"), EndWish())),
    Wish(kind="ip6ip6-dummy", ends=(EndWish(connection_type="initiate"), EndWish())),
    Wish(kind="vti", ends=(EndWish(connection_type="initiate"), EndWish()), nat=True),
)


class Tally(msgspec.Struct, kw_only=True):
    """What a run has seen."""

    cases: int = 0
    compared: int = 0
    failed: int = 0
    took_s: float = 0.0
    lengths: Counter[int] = msgspec.field(default_factory=Counter)
    events: Counter[str] = msgspec.field(default_factory=Counter)
    kinds: Counter[str] = msgspec.field(default_factory=Counter)
    disagreements: list[Disagreement] = msgspec.field(default_factory=list)
    unsteady: list[Disagreement] = msgspec.field(default_factory=list)

    def add(self, outcome: Outcome, wish: Wish) -> None:
        self.cases += 1
        self.compared += outcome.compared
        self.lengths[len(outcome.case.steps)] += 1
        self.events.update(step.event.value for step in outcome.case.steps)
        self.kinds[wish.kind] += 1

    def lines(self) -> list[str]:
        """The figures, for a person."""
        rate = self.cases / self.took_s * 3600 if self.took_s else 0.0
        return [
            f"cases          {self.cases} in {self.took_s:.0f} s ({rate:.0f} an hour), {self.compared} comparisons",
            f"events each    {_counts(self.lengths)}",
            f"events         {_counts(self.events)}",
            f"kinds          {_counts(self.kinds)}",
            f"unsteady       {len(self.unsteady)}",
            f"lab failed     {self.failed}",
            f"disagreements  {len(self.disagreements)}",
        ]


def _counts(counter: Counter[int] | Counter[str]) -> str:
    return ", ".join(f"{word} {count}" for word, count in sorted(counter.items(), key=str))


class _Work:
    """What the guests' threads share."""

    def __init__(self, seed: str, until: float, cases: int | None, progress: Progress) -> None:
        self.seed = seed
        self.until = until
        self.cases = cases
        self.progress = progress
        self.tally = Tally()
        self.guests: list[Guest] = []
        self.failure: BaseException | None = None
        self.lock = threading.Lock()
        self._next = 0

    def over(self) -> bool:
        enough = self.cases is not None and self.tally.cases >= self.cases
        return self.failure is not None or enough or time.monotonic() > self.until

    def next_seed(self) -> str:
        with self.lock:
            self._next += 1
            return f"{self.seed}-{self._next}"


def run(
    seed: str,
    minutes: float,
    progress: Progress,
    *,
    guests: int = 1,
    cases: int | None = None,
    new_guest: Callable[[Progress], Guest] = lambda progress: Guest(progress=progress),
) -> Tally:
    """Plays random cases for so long, or so many. Raises LabUnavailable where no guest can be had."""
    started = time.monotonic()
    work = _Work(seed, started + minutes * 60, cases, progress)
    threads = [threading.Thread(target=_serve, args=(work, new_guest), daemon=True) for _ in range(guests)]
    try:
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.2)
    finally:
        work.until = 0.0
        for guest in list(work.guests):
            guest.close()
        for thread in threads:
            thread.join(10.0)
    if work.failure is not None:
        raise work.failure
    work.tally.took_s = time.monotonic() - started
    return work.tally


def run_in(guest: Guest, seed: str, seconds: float, progress: Progress) -> Tally:
    """Plays random cases in a guest that is warm already, at least one pair. Raises LabUnavailable."""
    started = time.monotonic()
    work = _Work(seed, math.inf, None, progress)
    while True:
        _play_drawn(work, guest, draw_cases(work.next_seed(), _HISTORIES))
        work.tally.took_s = time.monotonic() - started
        if work.tally.took_s > seconds:
            return work.tally


def _serve(work: _Work, new_guest: Callable[[Progress], Guest]) -> None:
    """A guest until the time is over; a new one where it dies."""
    tries: queue.SimpleQueue[int] = queue.SimpleQueue()
    while not work.over() and tries.qsize() < 5:
        tries.put(1)
        guest = new_guest(work.progress)
        work.guests.append(guest)
        try:
            with guest:
                warm_up(guest)
                while not work.over():
                    _play_drawn(work, guest, draw_cases(work.next_seed(), _HISTORIES))
        except LabUnavailable as error:
            if work.over():
                return
            work.tally.failed += 1
            work.progress(f"{error}; going on in a new guest")
        except BaseException as error:
            work.failure = error
            return
        finally:
            work.guests.remove(guest)


def warm_up(guest: Guest) -> None:
    """A few SAs that count for nothing, so that every module is loaded."""
    for wish in _WARMING:
        play_one(guest, Case(name="warming", texts=texts(wish), nat=wish.nat, ready=True, steps=()))


def _play_drawn(work: _Work, guest: Guest, drawn: Drawn) -> None:
    player = Player(guest, setup_of(drawn.cases[0]))
    suspects: list[Disagreement] = []
    player.build()
    for case in drawn.cases:
        if work.over():
            break
        outcome = player.play(case)
        if outcome.disagreement is not None:
            again = player.play(case)
            if again.disagreement is None or again.disagreement.too_slow:
                work.tally.unsteady.append(outcome.disagreement)
                work.progress(f"unsteady: {case} (event {outcome.disagreement.step}): {outcome.disagreement.what}")
            else:
                suspects.append(again.disagreement)
            outcome = again
        work.tally.add(outcome, drawn.wish)
        work.progress(f"{case}: {outcome.compared} comparisons, {outcome.took_s:.1f} s")
    player.take_down()
    for suspect in suspects:
        work.progress(f"disagreement: {suspect.case} (event {suspect.step}): {suspect.what}")
        smallest = shrink(guest, suspect, drawn.wish)
        work.progress(f"smallest: {smallest.case}: {smallest.what}")
        work.tally.disagreements.append(smallest)


def shrink(guest: Guest, found: Disagreement, wish: Wish) -> Disagreement:
    """A smaller case that disagrees too: fewer events, then plainer ends."""
    left = _SHRINKING_TRIES
    smallest = msgspec.structs.replace(found, case=_cut(found.case, found.step))
    progress = True
    while progress and left > 0:
        progress = False
        for smaller, plainer in _smaller(smallest.case, wish):
            left -= 1
            outcome = play_one(guest, smaller)
            if outcome.disagreement is not None:
                step = outcome.disagreement.step
                smallest = msgspec.structs.replace(outcome.disagreement, case=_cut(smaller, step))
                wish, progress = plainer, True
                break
            if left <= 0:
                break
    return smallest


def _cut(case: Case, step: int) -> Case:
    return msgspec.structs.replace(case, steps=case.steps[:step])


def _smaller(case: Case, wish: Wish) -> list[tuple[Case, Wish]]:
    found = []
    for at in range(len(case.steps) - 1):
        steps: tuple[Step, ...] = case.steps[:at] + case.steps[at + 1 :]
        found.append((msgspec.structs.replace(case, steps=steps), wish))
    return found + [
        (msgspec.structs.replace(case, texts=texts(plainer), nat=plainer.nat), plainer)
        for plainer in _plainer(wish)
    ]


def _plainer(wish: Wish) -> list[Wish]:
    found = []
    for at in (0, 1):
        end = wish.ends[at]
        for changed in (
            msgspec.structs.replace(end, close_action="none"),
            msgspec.structs.replace(end, dpd=None),
            msgspec.structs.replace(end, connection_type="none"),
        ):
            ends = (changed, wish.ends[1]) if at == 0 else (wish.ends[0], changed)
            if changed != end:
                found.append(msgspec.structs.replace(wish, ends=ends))
    return found
