"""What overlaps many times costs a bounded number of looks, and situations stay few products."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.proof.bounds import LOOKS_PER_STEP, Meter, Unbounded
from sapper.proof.index.circumstance import ALL_ROWS, Circumstance, Variable, narrowed, united

VARIABLES: tuple[Variable, ...] = (("row", "a"), ("row", "b"), ("move", ""))
POINTS = [
    dict(zip(VARIABLES, (1 << a, 1 << b, 1 << c), strict=True))
    for a in range(2)
    for b in range(2)
    for c in range(2)
]


def points_of(products: list[Circumstance]) -> list[int]:
    return [
        at for at, point in enumerate(POINTS) for one in products if narrowed(one, tuple(point.items())) is not None
    ]


@given(st.sets(st.integers(0, len(POINTS) - 1)))
def test_united_products_are_the_same_situations_and_still_disjoint(chosen: set[int]) -> None:
    together = united([POINTS[at] for at in sorted(chosen)])
    assert sorted(points_of(together)) == sorted(chosen)
    assert len(together) <= len(chosen)


def test_what_differs_in_one_variable_becomes_one() -> None:
    row: Variable = ("row", "a")
    assert united([{row: 1}, {row: ALL_ROWS & ~1}]) == [{row: ALL_ROWS}]
    assert len(united(list(POINTS))) == 1


def test_a_meter_ends_what_looks_at_too_much() -> None:
    meter = Meter()
    meter.allow(2)
    meter.take(2 * LOOKS_PER_STEP)
    with pytest.raises(Unbounded):
        meter.take(1)
    meter.allow(1)
    meter.take(LOOKS_PER_STEP)
