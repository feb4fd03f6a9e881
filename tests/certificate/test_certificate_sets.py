"""The sets of packets of a certificate against plain sets of Python, and their words read back."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.certificate.box import (
    ALL_PORTS,
    ALL_PROTOCOLS,
    NO_PORTS,
    Box,
    Pieces,
    common,
    contains,
    in_both,
    joined,
    left_of,
    packets_in,
    size,
    without,
)
from sapper.certificate.document import PacketSet
from sapper.certificate.refused import Misfit
from sapper.certificate.spelling import box_of, packet_set

few = st.sets(st.integers(0, 9), min_size=1).map(lambda numbers: joined((number, number) for number in numbers))
boxes = st.builds(Box, st.just(4), few, few, st.integers(1, 15), few, few)


def numbers(pieces: Pieces) -> set[int]:
    return {number for low, high in pieces for number in range(low, high + 1)}


def members(box: Box) -> set[tuple[int, ...]]:
    assert box.source is not None
    fields = (box.source, box.destination, box.source_ports, box.destination_ports)
    protocols = [at for at in range(4) if box.protocols >> at & 1]
    return set(product(*map(numbers, fields), protocols))


@given(few, few)
def test_pieces_are_sets_of_numbers(one: Pieces, other: Pieces) -> None:
    assert numbers(common(one, other)) == numbers(one) & numbers(other)
    assert numbers(without(one, other)) == numbers(one) - numbers(other)
    assert joined([*one, *other]) == joined((n, n) for n in numbers(one) | numbers(other))
    assert size(one) == len(numbers(one))


@given(boxes, boxes)
def test_boxes_are_sets_of_packets(one: Box, other: Box) -> None:
    shared = in_both(one, other)
    assert packets_in(one) == len(members(one))
    if shared is None:
        assert not members(one) & members(other)
        return
    assert members(shared) == members(one) & members(other)
    assert contains(one, shared)
    assert contains(one, other) == (members(other) <= members(one))
    rest = list(left_of(one, shared))
    assert sum(packets_in(piece) for piece in rest) + packets_in(shared) == packets_in(one)
    assert set().union(*map(members, rest)) == members(one) - members(other)


@st.composite
def any_boxes(draw: st.DrawFn) -> Box:
    family = draw(st.sampled_from([4, 6]))
    ends = st.integers(0, (1 << (32 if family == 4 else 128)) - 1)
    spans = st.lists(st.tuples(ends, ends).map(lambda pair: (min(pair), max(pair))), min_size=1, max_size=3)
    ports = st.one_of(st.just(ALL_PORTS), st.just(NO_PORTS), few)
    return Box(
        family,  # type: ignore[arg-type]
        draw(st.none() | spans.map(joined)),
        draw(spans.map(joined)),
        draw(st.just(ALL_PROTOCOLS) | st.integers(1, ALL_PROTOCOLS)),
        draw(ports),
        draw(ports),
    )


@given(any_boxes())
def test_the_words_for_a_set_say_that_set(box: Box) -> None:
    assert box_of(packet_set(box)) == box


def test_words_are_those_of_the_field() -> None:
    box = Box(
        4, ((0x0A010001, 0x0A010001),), ((0x0A020000, 0x0A0200FF), (0x0A020200, 0x0A020202)), 1 << 47 | 1 << 6
    )
    assert packet_set(box) == PacketSet(
        source=("10.1.0.1",), destination=("10.2.0.0/24", "10.2.2.0-10.2.2.2"), protocols="6,47"
    )


@pytest.mark.parametrize(
    "words",
    [
        PacketSet(destination=()),
        PacketSet(destination=("10.0.0.0/8", "::1")),
        PacketSet(destination=("10.0.0.9-10.0.0.1",)),
        PacketSet(destination=("ten",)),
        PacketSet(destination=("10.0.0.1",), protocols="6-256"),
        PacketSet(destination=("10.0.0.1",), source_ports="many"),
    ],
    ids=str,
)
def test_words_that_say_nothing_are_refused(words: PacketSet) -> None:
    with pytest.raises(Misfit, match="says nothing"):
        box_of(words)
