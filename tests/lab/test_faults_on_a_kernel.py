"""Every fault on a real kernel: each scenario's expectations, and the proof where a row is named, against the wire.

``scenarios/PAIR/NAME.toml`` plays on the two configurations beside it, or else on those of the pair or the example of
that name. All run in one guest. Disagreements are never tried again; a step that the lab could not do is, once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sapper.cli.lab import prepare_files
from sapper.lab.faults.register import FAULTS
from sapper.lab.guest import Guest
from sapper.lab.play import play
from sapper.lab.played import Played
from sapper.lab.scenario_file import Scenario, read_scenario

HERE = Path(__file__).parent
ROOTS = (HERE / "scenarios", HERE / "pairs", HERE.parents[1] / "examples")
TRIES = 3
FILES = sorted(ROOTS[0].glob("*/*.toml"))


def scenario_of(file: Path) -> Scenario:
    return read_scenario(file.read_text(), f"{file.parent.name}/{file.name}")


def configurations(pair: str) -> list[str]:
    place = next(root / pair for root in ROOTS if (root / pair / "east.set").exists())
    return [str(place / f"{end}.set") for end in ("east", "west")]


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    """On a loaded machine a guest may take its TSC for slower than it is; then all of its timers run out too early."""
    for _ in range(TRIES):
        with Guest(progress=print) as started:
            if keeps_time(started):
                yield started
                return
    pytest.fail(f"no guest out of {TRIES} keeps time")


def keeps_time(guest: Guest) -> bool:
    def uptime() -> float:
        return float(guest.call({"do": "run", "words": ["cat", "/proc/uptime"]}, 30)["out"].split()[0])

    before, first = time.monotonic(), uptime()
    time.sleep(1.0)
    return uptime() - first < 1.5 * (time.monotonic() - before)


def played(file: Path, guest: Guest) -> Played:
    scenario = scenario_of(file)
    setup = prepare_files(configurations(file.parent.name), scenario.nat, file.stem)
    return play(setup, scenario, guest, print)


@pytest.mark.lab
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_the_wire_is_as_expected(file: Path, guest: Guest) -> None:
    result = played(file, guest)
    if result.broken:
        print(f"once more: {result.wrong[-1]}")
        result = played(file, guest)

    assert result.wrong == ()
    assert len(result.steps) == len(scenario_of(file).steps)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_has_a_scenario_that_expects_something_of_it(name: str) -> None:
    having = [
        step
        for file in FILES
        for scenario in [scenario_of(file)]
        for at, step in enumerate(scenario.steps)
        if step.fault is not None
        and step.fault.name == name
        and any(later.expect or later.saw for later in scenario.steps[at:])
    ]

    assert having


@pytest.mark.parametrize("name", [name for name, kind in FAULTS.items() if kind.undoable])
def test_every_fault_that_can_be_taken_back_is_taken_back_somewhere(name: str) -> None:
    undone = [step for file in FILES for step in scenario_of(file).steps if step.event == "undo"]

    assert name in {step.argument for step in undone}
