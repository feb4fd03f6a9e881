"""The judge on a guest kernel, for less than a minute: kept cases, fresh cases, and errors planted in the model.

One guest and one run of the cases serve all tests: what a kernel did with a packet does not depend on what a model
says of it. ``SAPPER_JUDGE_NETWORKS`` and ``SAPPER_SEED`` make it longer and different.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from planted_errors import PLANTED, planted

from sapper.lab.guest import Guest
from sapper.lab.judge.case import decode
from sapper.lab.judge.compare import compare
from sapper.lab.judge.court import Judged, guest, judged
from sapper.lab.judge.generate import generate
from sapper.lab.judge.predict import predictions
from sapper.lab.judge.score import told

pytestmark = pytest.mark.lab
NETWORKS = int(os.environ.get("SAPPER_JUDGE_NETWORKS", "90"))
SEED = int(os.environ.get("SAPPER_SEED", "2540"))
KEPT = sorted((Path(__file__).parent / "judged").glob("*.json"))
SAID_UNKNOWN = {"esp-for-a-peer-that-is-any-leads-not-back": {"ESP to a peer whose address is any"}}
"""What the model says that it does not know in a kept case; the rest of the case's packets must agree."""


@pytest.fixture(scope="module")
def court() -> Iterator[Guest]:
    with guest() as running:
        yield running


@pytest.fixture(scope="module")
def fresh(court: Guest) -> list[Judged]:
    print(f"SAPPER_JUDGE_NETWORKS={NETWORKS} SAPPER_SEED={SEED}")
    return list(judged(court, (generate(SEED + at) for at in range(NETWORKS))))


@pytest.fixture(scope="module")
def kept(court: Guest) -> dict[str, Judged]:
    cases = [decode(path.read_bytes()) for path in KEPT]
    return dict(zip((path.stem for path in KEPT), judged(court, cases), strict=True))


@pytest.mark.parametrize("name", [path.stem for path in KEPT])
def test_the_model_says_what_the_kernel_did_where_they_once_differed(kept: dict[str, Judged], name: str) -> None:
    one = kept[name]

    assert one.refused == ()
    assert one.tally.packets > one.tally.unknown.total()
    assert set(one.tally.unknown) == SAID_UNKNOWN.get(name, set())
    assert wrongs([one]) == []


def test_the_model_says_what_the_kernel_does_with_fresh_networks(fresh: list[Judged]) -> None:
    assert wrongs(fresh) == []
    assert [one.refused for one in fresh if one.refused] == []
    assert sum(one.tally.packets for one in fresh) > 20 * NETWORKS


def test_the_wires_saw_packets_encrypted_clear_taken_and_gone(fresh: list[Judged]) -> None:
    seen = [ending for one in fresh for setting in one.observed for ends in setting.values() for ending in ends]

    assert {(ending.kind, ending.protected) for ending in seen} == {
        ("wire", True),
        ("wire", False),
        ("gone", None),
        ("taken", None),
    }


@pytest.mark.parametrize("error", PLANTED)
def test_an_error_in_the_model_is_found(fresh: list[Judged], kept: dict[str, Judged], error: str) -> None:
    with planted(error):
        found = sum(
            len(compare(one.case, list(predictions(one.case)), one.observed).disagreements)
            for one in (*fresh, *kept.values())
        )

    assert found > 0


def wrongs(all_of: list[Judged]) -> list[str]:
    """Every disagreement in words."""
    return ["\n".join(told(one.case, found)) for one in all_of for found in one.tally.disagreements]
