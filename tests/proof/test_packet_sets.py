"""Packet sets: diagrams against plain enumeration of small domains, and products against diagrams."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.address import Prefix
from sapper.kernel.plan import Selector
from sapper.proof.sets.diagram import EMPTY, FULL, Diagrams, Node
from sapper.proof.sets.headers import ALL_PORTS, ALL_PROTOCOLS, Headers, Shape, cut
from sapper.proof.sets.intervals import Intervals, merged, outside, size, within

SIZES = (5, 4, 3)
EXAMPLES = settings(max_examples=60, deadline=None)


@st.composite
def intervals(draw: st.DrawFn, below: int) -> Intervals:
    some = draw(st.lists(st.integers(0, below - 1), min_size=1, max_size=3))
    return merged((number, min(number + draw(st.integers(0, 1)), below - 1)) for number in some)


boxes = st.tuples(*(intervals(size_) for size_ in SIZES))
several = st.lists(boxes, max_size=4)


def points(box: tuple[Intervals, ...]) -> set[tuple[int, ...]]:
    return set(product(*([n for first, last in side for n in range(first, last + 1)] for side in box)))


def built(diagrams: Diagrams, some: list[tuple[Intervals, ...]]) -> tuple[Node, set[tuple[int, ...]]]:
    node, plain = EMPTY, set()
    for box in some:
        node = diagrams.union(node, diagrams.product(box))
        plain |= points(box)
    return node, plain


@EXAMPLES
@given(several, several)
def test_a_diagram_is_the_set_of_its_points(
    first: list[tuple[Intervals, ...]], second: list[tuple[Intervals, ...]]
) -> None:
    diagrams = Diagrams(SIZES)
    (one, plain), (other, also) = built(diagrams, first), built(diagrams, second)
    for node, expected in (
        (diagrams.union(one, other), plain | also),
        (diagrams.intersection(one, other), plain & also),
        (diagrams.difference(one, other), plain - also),
    ):
        assert diagrams.count(node) == len(expected)
        assert (diagrams.member(node) in expected) if expected else diagrams.member(node) is None
    assert (one == other) == (plain == also)


def test_everything_and_nothing_are_the_two_last_nodes() -> None:
    diagrams = Diagrams.of_packets(4)
    everything = diagrams.box((None, (0, 2**32 - 1), ALL_PROTOCOLS, (-1, 65535), (-1, 65535)))
    assert everything == FULL
    assert diagrams.difference(everything, everything) == EMPTY
    assert diagrams.count(FULL) == 2**64 * 256 * 65537**2


PREFIXES = st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "0.0.0.0/0"]).map(
    Prefix.parse
)
SELECTORS = st.builds(Selector, PREFIXES, st.sampled_from([None, 6, 47]), st.sampled_from([None, 443]))


@EXAMPLES
@given(PREFIXES, PREFIXES, st.lists(st.tuples(SELECTORS, SELECTORS), min_size=1, max_size=4))
def test_cutting_loses_no_packet_and_takes_none_twice(
    source: Prefix, destination: Prefix, pairs: list[tuple[Selector, Selector]]
) -> None:
    """Whatever is cut off, the pieces are apart and make up the whole; what is inside is the selectors' share."""
    diagrams = Diagrams.of_packets(4)
    whole = Headers(
        4,
        ((source.first, source.last),),
        (destination.first, destination.last),
        ALL_PROTOCOLS,
        ALL_PORTS,
        ALL_PORTS,
    )
    pieces = [whole]
    for local, remote in pairs:
        shape = Shape.of(local, remote)
        pieces = [part for piece in pieces for part in _parts(piece, shape)]
    node = EMPTY
    for piece in pieces:
        part = diagrams.box(piece.box)
        assert diagrams.intersection(node, part) == EMPTY
        node = diagrams.union(node, part)
    assert node == diagrams.box(whole.box)


def _parts(piece: Headers, shape: Shape) -> list[Headers]:
    inside, rest = cut(piece, shape)
    return rest if inside is None else [inside, *rest]


@EXAMPLES
@given(intervals(40), st.integers(0, 39), st.integers(0, 39))
def test_intervals_are_divided_by_an_interval(numbers: Intervals, one: int, other: int) -> None:
    low, high = sorted((one, other))
    inside, rest = within(numbers, low, high), outside(numbers, low, high)
    assert size(inside) + size(rest) == size(numbers)
    assert merged((*inside, *rest)) == numbers
    assert all(low <= first and last <= high for first, last in inside)
