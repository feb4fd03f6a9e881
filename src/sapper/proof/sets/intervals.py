"""Sets of numbers as sorted tuples of disjoint, closed intervals: addresses and ports.

Invariant: ``lo <= hi`` in each, and each starts at least two above the end of the one before, so equal sets are equal
tuples.
"""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]

NOTHING: Intervals = ()


def merged(pieces: Iterable[Interval]) -> Intervals:
    """The union of any closed intervals."""
    out: list[Interval] = []
    for low, high in sorted(pieces):
        if out and low <= out[-1][1] + 1:
            if high > out[-1][1]:
                out[-1] = (out[-1][0], high)
        else:
            out.append((low, high))
    return tuple(out)


def within(numbers: Intervals, low: int, high: int) -> Intervals:
    """Those of the numbers that lie in ``low``-``high``."""
    if len(numbers) == 1:
        first, last = numbers[0]
        if low <= first and last <= high:
            return numbers
        first, last = max(first, low), min(last, high)
        return ((first, last),) if first <= last else NOTHING
    return tuple(
        (max(first, low), min(last, high)) for first, last in numbers if max(first, low) <= min(last, high)
    )


def outside(numbers: Intervals, low: int, high: int) -> Intervals:
    """Those of the numbers that do not lie in ``low``-``high``."""
    out: list[Interval] = []
    for first, last in numbers:
        if last < low or first > high:
            out.append((first, last))
            continue
        if first < low:
            out.append((first, low - 1))
        if last > high:
            out.append((high + 1, last))
    return tuple(out)


def size(numbers: Intervals) -> int:
    """How many numbers there are."""
    return sum(last - first + 1 for first, last in numbers)
