"""A kernel that does not come back: the case is told, the others are judged by the next guest.

The guest is replaced here, because no kernel hangs on request on every machine.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Self

import pytest

from sapper.lab.judge import court
from sapper.lab.judge.case import Case
from sapper.lab.judge.compare import Tally
from sapper.lab.judge.court import Judged, judge_for
from sapper.lab.judge.generate import generate
from sapper.lab.judge.program import Program
from sapper.lab.unavailable import GuestHung

CASES = [generate(seed) for seed in range(40)]


class _Guest:
    def __init__(self, deadly: set[int]) -> None:
        self.deadly = deadly
        self.asked: list[list[int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def send(self, message: dict[str, Any]) -> None:
        self.asked.append([one["seed"] for one in message["cases"]])

    def receive(self, _: float) -> dict[str, Any]:
        seeds = self.asked.pop(0)
        if self.deadly & set(seeds):
            raise GuestHung("no answer")
        return {"ok": True, "cases": [{} for _ in seeds]}


@pytest.mark.parametrize("deadly", [set(), {7}, {0, 39}, {3, 4, 20}])
def test_every_other_case_is_judged_once(monkeypatch: pytest.MonkeyPatch, deadly: set[int]) -> None:
    monkeypatch.setattr(court, "program", lambda case: Program({"seed": case.seed}, {}, {}))
    monkeypatch.setattr(court, "_score", lambda one, _: Judged(one[0], Tally(1, Counter(), ()), []))
    hung: list[Case] = []
    found: list[Judged] = []
    judge_for(lambda: _Guest(deadly), CASES, 60.0, found.append, hung.append)  # type: ignore[arg-type, return-value]

    assert {case.seed for case in hung} == deadly
    assert sorted(one.case.seed or 0 for one in found) == sorted(set(range(40)) - deadly)
