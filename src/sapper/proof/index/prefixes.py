"""Values filed under prefixes of one family, found by address or by interval.

One dictionary per prefix length answers what holds an address, longest first (a look per length that occurs under the
same leading bits, or is shorter than those); one sorted list answers which prefixes begin in an interval. Both take a
change without being built anew.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Generic, TypeVar

from sapper.address import WIDTH_BITS, Family, Prefix
from sapper.proof.sets.intervals import Interval

T = TypeVar("T")
_LENGTH_BITS = 8
# Answers kept; the questions of one tunnel come close together.
_KEPT = 4096
# The leading bits by which the lengths that occur are told apart.
_LEADING_BITS: dict[Family, int] = {4: 8, 6: 16}
_Lengths = list[tuple[int, int, dict[int, T]]]


class PrefixIndex(Generic[T]):
    """Each prefix has one value."""

    __slots__ = (
        "_asked", "_by_length", "_kept", "_kept_at", "_keys", "_leading", "_met", "_occurring", "_shift", "_short", "_width",
    )  # fmt: skip

    def __init__(self, family: Family) -> None:
        self._width = WIDTH_BITS[family]
        self._leading = _LEADING_BITS[family]
        self._shift = self._width - self._leading
        self._by_length: dict[int, dict[int, T]] = {}
        # The lengths that occur, as bits: those shorter than the leading bits, and the others under each of these.
        self._short = 0
        self._occurring: dict[int, int] = {}
        self._met: dict[int, _Lengths[T]] = {}
        self._keys: list[int] = []
        self._asked = False
        self._kept_at: dict[int, list[T]] = {}
        self._kept: dict[Interval, list[tuple[Interval, list[T]]]] = {}

    def touch(self) -> None:
        """Forget the answers that are kept: a value is another one, or has changed in place."""
        if self._kept or self._kept_at:
            self._kept.clear()
            self._kept_at.clear()

    def get(self, prefix: Prefix) -> T | None:
        held = self._by_length.get(prefix.length)
        return None if held is None else held.get(prefix.value)

    def put(self, prefix: Prefix, value: T) -> None:
        """File a value under a prefix that has none yet; an index that was asked already stays in order."""
        length, number = prefix.length, prefix.value
        held = self._by_length.get(length)
        if held is None:
            held = self._by_length[length] = {}
        held[number] = value
        if length < self._leading:
            if not self._short >> length & 1:
                self._short |= 1 << length
                self._met.clear()
        else:
            under = number >> self._shift
            occurring = self._occurring.get(under, 0)
            if not occurring >> length & 1:
                self._occurring[under] = occurring | 1 << length
                self._met.clear()
        if self._asked:
            insort(self._keys, number << _LENGTH_BITS | length)
        if self._kept or self._kept_at:
            self.touch()

    def _lengths(self, address: int) -> _Lengths[T]:
        """Mask, size less one and prefixes of each length that may hold the address, longest first."""
        under = address >> self._shift
        found = self._met.get(under)
        if found is None:
            occurring = self._short | self._occurring.get(under, 0)
            found = self._met[under] = [
                (~((1 << self._width - length) - 1), (1 << self._width - length) - 1, self._by_length[length])
                for length in range(self._width, -1, -1)
                if occurring >> length & 1
            ]
        return found

    def _ask(self) -> None:
        """Put the prefixes in order; from now on they stay so."""
        self._keys = sorted(
            number << _LENGTH_BITS | length for length, held in self._by_length.items() for number in held
        )
        self._asked = True

    def holding(self, address: int) -> list[T]:
        """The values of the prefixes that hold an address, longest first; not to be changed."""
        found = self._kept_at.get(address)
        if found is None:
            found = []
            for mask, _, held in self._lengths(address):
                value = held.get(address & mask)
                if value is not None:
                    found.append(value)
            if len(self._kept_at) > _KEPT:
                self._kept_at.clear()
            self._kept_at[address] = found
        return found

    def drop(self, prefix: Prefix) -> None:
        """Forget a prefix that is filed."""
        del self._by_length[prefix.length][prefix.value]
        self.touch()
        if self._asked:
            del self._keys[bisect_left(self._keys, prefix.value << _LENGTH_BITS | prefix.length)]

    def covering(self, prefix: Prefix) -> list[T]:
        """The values of the prefixes that hold all of that prefix, longest first."""
        found = []
        size = prefix.last - prefix.first
        for mask, last, held in self._lengths(prefix.value):
            if last >= size:
                value = held.get(prefix.value & mask)
                if value is not None:
                    found.append(value)
        return found

    def beginning_in(self, low: int, high: int) -> Iterator[tuple[int, int, T]]:
        """First address, length and value of each prefix whose first address lies there, wider ones first."""
        if not self._asked:
            self._ask()
        keys = self._keys
        start = bisect_left(keys, low << _LENGTH_BITS)
        end = bisect_right(keys, (high << _LENGTH_BITS) + 0xFF)
        for key in keys[start:end]:
            value, length = key >> _LENGTH_BITS, key & 0xFF
            yield value, length, self._by_length[length][value]

    def crowd(self, low: int, high: int) -> int:
        """How many prefixes begin in that interval."""
        if not self._asked:
            self._ask()
        start = bisect_left(self._keys, low << _LENGTH_BITS)
        return bisect_right(self._keys, (high << _LENGTH_BITS) + 0xFF) - start

    def crowded(self, low: int, high: int, room: int) -> bool:
        """Whether more than ``room`` prefixes begin in that interval."""
        return (not self._asked or len(self._keys) > room) and self.crowd(low, high) > room

    def overlapping(self, low: int, high: int) -> list[T]:
        """The values of all prefixes that share an address with ``low``-``high``."""
        found = self.holding(low)
        if low != high and self.crowd(low + 1, high):
            return found + [value for _, _, value in self.beginning_in(low + 1, high)]
        return found

    def segments(self, low: int, high: int) -> list[tuple[Interval, list[T]]]:
        """The interval in pieces that the same prefixes hold, with their values, longest first."""
        kept = self._kept.get((low, high))
        if kept is None:
            kept = self._kept[low, high] = self._cut(low, high)
            if len(self._kept) > _KEPT:
                self._kept.clear()
        return kept

    def _cut(self, low: int, high: int) -> list[tuple[Interval, list[T]]]:
        values: list[T] = []
        edges = {low}
        for mask, last, held in self._lengths(low):
            first = low & mask
            value = held.get(first)
            if value is not None:
                values.append(value)
                if first + last < high:
                    edges.add(first + last + 1)
        if low < high and self.crowd(low + 1, high):
            for first, length, _ in self.beginning_in(low + 1, high):
                edges.add(first)
                edges.add(first + (1 << self._width - length))
        if len(edges) == 1:
            return [((low, high), values)]
        starts = sorted(edge for edge in edges if edge <= high)
        ends = [start - 1 for start in starts[1:]] + [high]
        return [((start, end), self.holding(start)) for start, end in zip(starts, ends, strict=True)]
