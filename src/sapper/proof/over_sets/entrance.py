"""The reverse path filter on sets of packets: which sources are believed of what comes in by an interface, and when.

Mirrors ``source_believed`` of :mod:`sapper.proof.walk.routing`. Where equal routes lead back by several interfaces both
answers come; that a packet is dropped refutes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.proof.index.circumstance import Circumstance
from sapper.proof.index.lookup import Lookup
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.sets.headers import Headers, Shape, cut
from sapper.proof.sets.intervals import Interval


def filtered(
    index: PlanIndex, lookup: Lookup, headers: Headers, when: Circumstance, enters: str, room: int
) -> Iterator[tuple[Headers, Circumstance, bool]]:
    """The packets in pieces, each with whether its source is believed."""
    if headers.family == 6 or headers.source is None or not index.entrance.filter_at(enters):
        yield headers, when, True
        return
    for piece in headers.source:
        for sources, here, holds in believed(index, lookup, piece, when, enters, room):
            inside, _ = cut(headers, Shape(4, sources, None))
            if inside is not None:
                yield inside, here, holds


def believed(
    index: PlanIndex, lookup: Lookup, sources: Interval, when: Circumstance, enters: str, room: int
) -> Iterator[tuple[Interval, Circumstance, bool]]:
    """IPv4 sources in pieces; what has a way back, by that interface where the filter is strict."""
    loose = index.entrance.filter_at(enters) == "loose" and index.links.first_address(enters, 4) is not None
    for hit in lookup.ways(4, sources, when, room=room):
        yield hit.destinations, hit.when, hit.link is not None and (loose or hit.link == enters)
