"""Several pairs in several guests: order, second tries, failures, and Ctrl-C, with guests that are only objects."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from sapper.lab import parallel
from sapper.lab.guest import Guest
from sapper.lab.parallel import run_pairs
from sapper.lab.result import LabRun
from sapper.lab.run import Setup
from sapper.lab.topology import Topology
from sapper.lab.unavailable import GuestDied, LabUnavailable

PROMPT_S = 3.0


class StandInGuest:
    """A guest without a kernel. Closing it ends whatever waits for it, as closing QEMU does."""

    every: list[StandInGuest] = []  # noqa: RUF012

    def __init__(self, boot: Callable[[StandInGuest], None] = lambda guest: None) -> None:
        self.boot = boot
        self.closed = threading.Event()
        self.thread: threading.Thread | None = None
        StandInGuest.every.append(self)

    def __enter__(self) -> StandInGuest:
        self.thread = threading.current_thread()
        self.boot(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.closed.set()

    def wait(self, seconds: float) -> None:
        if self.closed.wait(seconds):
            raise GuestDied("the guest is not running")


Behaviour = Callable[[str, StandInGuest], None]


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No thread outlives a run, and no guest stays open."""
    StandInGuest.every.clear()
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) == before
    assert all(guest.closed.is_set() for guest in StandInGuest.every)


@pytest.fixture
def behave(monkeypatch: pytest.MonkeyPatch) -> Callable[[Behaviour], list[str]]:
    """Lets a test say what running a pair does; returns the titles in the order of their starts."""
    started: list[str] = []

    def use(behaviour: Behaviour) -> list[str]:
        def run_pair(setup: Setup, guest: Any, progress: Any, states: frozenset[str]) -> LabRun:
            started.append(setup.title)
            assert guest.thread is threading.current_thread()
            behaviour(setup.title, guest)
            return LabRun(title=setup.title, provider="none", kernel="", ike="", sapper="", tunnels=())

        monkeypatch.setattr(parallel, "run_pair", run_pair)
        return started

    return use


def setups(*titles: str) -> list[Setup]:
    topology = Topology(routers=("a", "b"), plans={}, wires=(), hosts=(), vantages={}, captures=())
    return [Setup(title=title, topology=topology, sides=cast(Any, ())) for title in titles]


def run(
    titles: str, guests: int, said: list[str] | None = None, boot: Callable[[StandInGuest], None] = lambda _: None
) -> list[str]:
    def new_guest(_: object) -> Guest:
        return cast(Guest, StandInGuest(boot))

    say = (said if said is not None else []).append
    return [found.title for found in run_pairs(setups(*titles), say, guests=guests, new_guest=new_guest)]


@pytest.mark.parametrize("guests", [1, 2, 5])
def test_results_come_in_the_order_of_the_pairs(guests: int, behave: Callable[[Behaviour], list[str]]) -> None:
    """The first pair is the slowest."""
    behave(lambda title, guest: guest.wait(0.1 if title == "a" else 0.0))

    assert run("abcde", guests) == list("abcde")
    assert len(StandInGuest.every) <= guests


def test_there_are_no_more_guests_than_pairs(behave: Callable[[Behaviour], list[str]]) -> None:
    behave(lambda title, guest: None)

    assert run("ab", 9) == ["a", "b"]
    assert len(StandInGuest.every) <= 2
    assert run("", 9) == []


def test_guests_work_at_the_same_time(behave: Callable[[Behaviour], list[str]]) -> None:
    both = threading.Barrier(2)

    def behaviour(title: str, guest: StandInGuest) -> None:
        both.wait(PROMPT_S)

    behave(behaviour)

    assert run("ab", 2) == ["a", "b"]


def test_nobody_spins_while_a_slow_pair_runs(behave: Callable[[Behaviour], list[str]]) -> None:
    """The first thread is done early; waiting for the other one must not cost a processor."""
    both = threading.Barrier(2)

    def behaviour(title: str, guest: StandInGuest) -> None:
        both.wait(PROMPT_S)
        guest.wait(0.0 if guest is StandInGuest.every[0] else 0.8)

    behave(behaviour)
    before = time.process_time()

    run("ab", 2)

    assert time.process_time() - before < 0.4


def test_a_pair_whose_guest_died_is_tried_again_in_a_new_one(behave: Callable[[Behaviour], list[str]]) -> None:
    met: dict[str, list[StandInGuest]] = {}

    def behaviour(title: str, guest: StandInGuest) -> None:
        met.setdefault(title, []).append(guest)
        if title == "b" and len(met["b"]) == 1:
            raise GuestDied("the guest ended by itself")

    started = behave(behaviour)
    said: list[str] = []

    assert run("abc", 1, said) == ["a", "b", "c"]
    assert started == ["a", "b", "c", "b"]
    assert met["b"][0] is not met["b"][1]
    assert said == ["b: the guest ended by itself; trying it once more in a new guest"]


@pytest.mark.parametrize("guests", [1, 2])
def test_two_failures_of_a_pair_are_the_runs(guests: int, behave: Callable[[Behaviour], list[str]]) -> None:
    def behaviour(title: str, guest: StandInGuest) -> None:
        if title == "a":
            raise LabUnavailable("no SA between east and west")

    started = behave(behaviour)

    with pytest.raises(LabUnavailable, match="no SA between east and west"):
        run("abc", guests)
    assert started.count("a") == 2


def test_a_failure_does_not_wait_for_the_other_guests(behave: Callable[[Behaviour], list[str]]) -> None:
    def behaviour(title: str, guest: StandInGuest) -> None:
        if title == "a":
            raise LabUnavailable("no")
        guest.wait(60)

    behave(behaviour)
    begun = time.monotonic()

    with pytest.raises(LabUnavailable, match="no"):
        run("ab", 2)
    assert time.monotonic() - begun < PROMPT_S


def test_a_guest_that_does_not_boot_is_a_failure(behave: Callable[[Behaviour], list[str]]) -> None:
    behave(lambda title, guest: None)

    def boot(guest: StandInGuest) -> None:
        guest.close()
        raise LabUnavailable("no QEMU")

    with pytest.raises(LabUnavailable, match="no QEMU"):
        run("ab", 2, boot=boot)


def test_what_is_no_lab_failure_is_not_tried_again(behave: Callable[[Behaviour], list[str]]) -> None:
    def behaviour(title: str, guest: StandInGuest) -> None:
        raise KeyError(title)

    started = behave(behaviour)

    with pytest.raises(KeyError):
        run("a", 1)
    assert started == ["a"]


@pytest.fixture
def ctrl_c() -> Iterator[Callable[[], None]]:
    """Interrupts the main thread a moment after it was called; works in a background job as well."""
    timer = threading.Timer(0.3, _thread.interrupt_main)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield timer.start
    timer.join()
    signal.signal(signal.SIGINT, usual)


@pytest.mark.parametrize("busy", ["running", "booting"])
def test_ctrl_c_closes_the_guests_and_returns_promptly(
    busy: str, behave: Callable[[Behaviour], list[str]], ctrl_c: Callable[[], None]
) -> None:
    behave(lambda title, guest: guest.wait(60))
    begun = time.monotonic()
    ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        run("abc", 2, boot=lambda guest: guest.wait(60) if busy == "booting" else None)

    assert time.monotonic() - begun < PROMPT_S


def test_after_ctrl_c_no_pair_is_started(
    behave: Callable[[Behaviour], list[str]], ctrl_c: Callable[[], None]
) -> None:
    started = behave(lambda title, guest: guest.wait(60))
    said: list[str] = []
    ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        run("abcdef", 2, said)

    assert sorted(started) == ["a", "b"]
    assert said == []


def test_every_guest_has_the_kernel_that_was_asked_for(
    behave: Callable[[Behaviour], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    behave(lambda title, guest: guest.wait(0.05))
    asked: list[str | None] = []

    def booted(*, progress: object, kernel: str | None) -> StandInGuest:
        asked.append(kernel)
        return StandInGuest()

    monkeypatch.setattr(parallel, "Guest", booted)
    run_pairs(setups(*"ab"), print, guests=2, kernel="backports")
    assert asked == ["backports", "backports"]
    run_pairs(setups("a"), print)
    assert asked[2:] == [None]
