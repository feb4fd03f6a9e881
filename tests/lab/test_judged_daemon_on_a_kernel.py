"""Histories with real daemons: each kept case must agree with the model, and so must a few that nobody has seen.

A case under ``judged_daemon/`` was once a disagreement, or is a fact that the machine of events stands on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sapper.lab.guest import Guest
from sapper.lab.judge.with_daemon.case import load
from sapper.lab.judge.with_daemon.play import Disagreement, play_one
from sapper.lab.judge.with_daemon.run import run_in, warm_up

pytestmark = pytest.mark.lab
KEPT = sorted(path for path in (Path(__file__).parent / "judged_daemon").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def guest(whole_machine: None) -> Iterator[Guest]:
    with Guest() as booted:
        warm_up(booted)
        yield booted


@pytest.mark.parametrize("directory", KEPT, ids=lambda path: path.name)
def test_a_kept_case_agrees(guest: Guest, directory: Path) -> None:
    case = load(directory)
    found: Disagreement | None = None
    for _ in range(3):
        found = play_one(guest, case).disagreement
        if found is None or not found.too_slow:
            break

    assert found is None, f"{found.what}\n{found.log}"


def test_fresh_cases_agree(guest: Guest) -> None:
    seed = time.strftime("test-%Y%m%d-%H%M%S")
    tally = run_in(guest, seed, 30.0, print)

    assert tally.compared
    assert [f"seed {seed}: {found.case}: {found.what}" for found in tally.disagreements] == []
