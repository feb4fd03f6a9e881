"""The findings that no lifecycle state shows, each demonstrated on a real kernel: seen as it stands, not when mended.

``make findings`` does this and drives the lifecycle of every finding as well.
"""

from __future__ import annotations

import os
from functools import partial

import pytest

from sapper.lab.exhibits.exhibit import Demonstration, Exhibit, Shown
from sapper.lab.exhibits.perform import demonstrate
from sapper.lab.exhibits.prepared import prepared
from sapper.lab.exhibits.register import EXHIBITS
from sapper.lab.parallel import Job, run_jobs
from sapper.lab.run import Setup
from sapper.rules.register import RULES

pytestmark = pytest.mark.lab
RULE_OF = {module.RULE.code: module.RULE for module in RULES}
SHOWING = [exhibit for exhibit in EXHIBITS if exhibit.show is not None]


@pytest.fixture(scope="module")
def shown(whole_machine: None) -> dict[str, tuple[Shown, Shown]]:
    """As it stands, and mended, by code."""
    jobs: list[Job[Shown]] = []
    for exhibit in SHOWING:
        case = prepared(exhibit, RULE_OF[exhibit.code])
        jobs += [job(setup, exhibit) for setup in (case.bad, exhibit.laid_out(case.mended))]
    found = run_jobs(jobs, print, guests=int(os.environ.get("SAPPER_GUESTS", "0")) or None)
    return dict(zip((exhibit.code for exhibit in SHOWING), zip(found[::2], found[1::2], strict=True), strict=True))


def job(setup: Setup, exhibit: Exhibit) -> Job[Shown]:
    show: Demonstration | None = exhibit.show
    assert show is not None
    return Job(setup.title, partial(demonstrate, setup, show))


@pytest.mark.parametrize("code", [exhibit.code for exhibit in SHOWING])
def test_it_is_seen_as_it_stands_and_not_when_it_is_mended(
    shown: dict[str, tuple[Shown, Shown]], code: str
) -> None:
    bad, mended = shown[code]

    assert bad.count > 0, bad
    assert (mended.count, mended.works) == (0, True), mended


@pytest.mark.parametrize("code", ["LEAK110", "LEAK111", "LEAK112"])
def test_what_is_about_liveness_does_not_work_as_it_stands(
    shown: dict[str, tuple[Shown, Shown]], code: str
) -> None:
    assert not shown[code][0].works


def test_a_key_that_was_guessed_is_in_no_output(shown: dict[str, tuple[Shown, Shown]]) -> None:
    assert "example" not in shown["SEC505"][0].words
