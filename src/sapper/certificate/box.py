"""Sets of packets as a certificate says them: a product of one set for each header field.

Addresses and ports are sorted, disjoint, closed intervals of numbers, protocols are bits of a mask. ``source`` None: the
kernel chooses it. Written for the checker and small on purpose: it shares nothing with the sets of the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sapper.address import Family

Pieces = tuple[tuple[int, int], ...]
ALL_PROTOCOLS = (1 << 256) - 1
ALL_PORTS: Pieces = ((0, 65535),)
# The packet has none, or nothing may match them.
NO_PORTS: Pieces = ((-1, -1),)
# TCP, UDP, SCTP, DCCP, UDP-Lite.
WITH_PORTS = 1 << 6 | 1 << 17 | 1 << 132 | 1 << 33 | 1 << 136


class Box(NamedTuple):
    """The packets that have one of the values in each field."""

    family: Family
    source: Pieces | None
    destination: Pieces
    protocols: int = ALL_PROTOCOLS
    source_ports: Pieces = ALL_PORTS
    destination_ports: Pieces = ALL_PORTS


# Stands for a frame that is handed to a device: what is in it does not matter.
FRAME = Box(4, None, ((0, 0),), 1, NO_PORTS, NO_PORTS)


def common(one: Pieces, other: Pieces) -> Pieces:
    """The numbers in both."""
    found = []
    at = to = 0
    while at < len(one) and to < len(other):
        low, high = max(one[at][0], other[to][0]), min(one[at][1], other[to][1])
        if low <= high:
            found.append((low, high))
        if one[at][1] < other[to][1]:
            at += 1
        else:
            to += 1
    return tuple(found)


def without(one: Pieces, other: Pieces) -> Pieces:
    """The numbers in the first and not in the second."""
    found = []
    for start, end in one:
        low = start
        for first, last in other:
            if last < low or first > end:
                continue
            if first > low:
                found.append((low, first - 1))
            low = last + 1
        if low <= end:
            found.append((low, end))
    return tuple(found)


def joined(pieces: Iterable[tuple[int, int]]) -> Pieces:
    """The union of any intervals."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(pieces):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def size(pieces: Pieces) -> int:
    """How many numbers there are."""
    return sum(high - low + 1 for low, high in pieces)


def packets_in(box: Box) -> int:
    """How many different headers are in the box."""
    sources = 1 if box.source is None else size(box.source)
    ports = size(box.source_ports) * size(box.destination_ports)
    return sources * size(box.destination) * box.protocols.bit_count() * ports


def in_both(one: Box, other: Box) -> Box | None:
    """The packets in both boxes; None where there are none."""
    protocols = one.protocols & other.protocols
    if one.family != other.family or not protocols or (one.source is None) != (other.source is None):
        return None
    destination = common(one.destination, other.destination)
    if not destination:
        return None
    source = None if one.source is None or other.source is None else common(one.source, other.source)
    near = common(one.source_ports, other.source_ports)
    far = common(one.destination_ports, other.destination_ports)
    if source == () or not near or not far:
        return None
    return Box(one.family, source, destination, protocols, near, far)


def left_of(box: Box, part: Box) -> Iterator[Box]:
    """The packets of a box that are not in a part of it, in disjoint boxes."""
    outside = without(box.destination, part.destination)
    if outside:
        yield box._replace(destination=outside)
    rest = box._replace(destination=part.destination)
    if rest.source is not None and part.source is not None:
        sources = without(rest.source, part.source)
        if sources:
            yield rest._replace(source=sources)
        rest = rest._replace(source=part.source)
    if rest.protocols & ~part.protocols:
        yield rest._replace(protocols=rest.protocols & ~part.protocols)
    rest = rest._replace(protocols=part.protocols)
    near = without(rest.source_ports, part.source_ports)
    if near:
        yield rest._replace(source_ports=near)
    rest = rest._replace(source_ports=part.source_ports)
    far = without(rest.destination_ports, part.destination_ports)
    if far:
        yield rest._replace(destination_ports=far)


def contains(box: Box, part: Box) -> bool:
    """Whether every packet of the second is in the first."""
    return in_both(box, part) == part
