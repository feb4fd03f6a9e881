"""The index of prefixes gives what going through all of them gives, however it was filled and changed."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sapper.address import WIDTH_BITS, Family, Prefix
from sapper.proof.index.prefixes import PrefixIndex

families: st.SearchStrategy[Family] = st.sampled_from([4, 6])


@st.composite
def prefixes(draw: st.DrawFn, family: Family) -> Prefix:
    """Often close to each other, so that they hold one another."""
    width = WIDTH_BITS[family]
    leading = draw(st.sampled_from([10, 11, 172, 203])) << width - 8
    value = leading | draw(st.integers(0, 3)) << width - 16 | draw(st.integers(0, 7))
    return Prefix(family, value, draw(st.sampled_from([0, 5, 8, 9, 15, 16, 17, 24, width - 2, width - 1, width])))


def holding(filed: dict[Prefix, int], address: int) -> list[int]:
    found = [prefix for prefix in filed if prefix.first <= address <= prefix.last]
    return [filed[prefix] for prefix in sorted(found, key=lambda prefix: -prefix.length)]


def check(index: PrefixIndex[int], filed: dict[Prefix, int], low: int, high: int) -> None:
    assert index.holding(low) == holding(filed, low)
    overlapping = {value for prefix, value in filed.items() if prefix.first <= high and low <= prefix.last}
    found = index.overlapping(low, high)
    assert (len(found), set(found)) == (len(overlapping), overlapping)
    begin = sum(low <= prefix.first <= high for prefix in filed)
    assert index.crowd(low, high) == begin
    assert [index.crowded(low, high, room) for room in (begin - 1, begin)] == [True, False]
    pieces = index.segments(low, high)
    assert [pieces[0][0][0], pieces[-1][0][1]] == [low, high]
    assert all(one[0][1] + 1 == other[0][0] for one, other in pairwise(pieces))
    for (first, last), values in pieces:
        assert values == holding(filed, first) == holding(filed, last)


@given(st.data(), families)
def test_every_answer_is_that_of_going_through_all(data: st.DataObject, family: Family) -> None:
    index: PrefixIndex[int] = PrefixIndex(family)
    filed: dict[Prefix, int] = {}
    for number in range(data.draw(st.integers(1, 25), label="changes")):
        prefix = data.draw(prefixes(family), label="prefix")
        if prefix in filed:
            del filed[prefix]
            index.drop(prefix)
        else:
            filed[prefix] = number
            index.put(prefix, number)
        assert index.get(prefix) == filed.get(prefix)
        if data.draw(st.booleans(), label="ask"):
            one, other = (data.draw(prefixes(family), label="asked") for _ in range(2))
            check(index, filed, *sorted((one.first, other.last)) if one.first <= other.last else (one.first,) * 2)
            covering = {value for held, value in filed.items() if held.covers(one)}
            assert set(index.covering(one)) == covering
