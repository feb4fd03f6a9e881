"""What destination NAT makes of a set of packets that comes in.

Mirrors ``aimed`` of :mod:`sapper.proof.facts.destination_nat`: the first rule that matches decides, and a packet may always go
on as it was, as an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.address import Family
from sapper.kernel.plan import Plan
from sapper.proof.facts.destination_nat import Aim, Outcome, aims_of
from sapper.proof.facts.trust import WIRED
from sapper.proof.index.links import Links
from sapper.proof.index.source_nat import split_by
from sapper.proof.sets.headers import Headers, Shape, cut
from sapper.proof.sets.intervals import Interval, merged


class SentOn(NamedTuple):
    """One way on of some packets, and the doubt about it."""

    headers: Headers
    outcome: Outcome
    doubt: str | None = None


class DestinationNat:
    """``aims`` are the rules of one Plan that matter, in their order."""

    def __init__(self, plan: Plan, links: Links) -> None:
        self.aims = aims_of(plan)
        self._links = links

    def any(self, family: Family) -> bool:
        """Whether anything of that family may be sent elsewhere."""
        return family == 4 and bool(self.aims)

    def of(self, headers: Headers, enters: str) -> Iterator[SentOn]:
        """The packets in pieces, each with every way on."""
        if headers.family == 6 or not self.aims:
            yield SentOn(headers, "stays")
        elif enters in self._links.by_name:
            yield from self._met(headers, enters)
        else:
            rest = [headers]
            for name, home in self._homes():
                inside, _ = cut(headers, Shape(4, home, None))
                if inside is not None:
                    yield from self._met(inside, name)
                rest = [piece for one in rest for piece in cut(one, Shape(4, home, None))[1]]
            for piece in rest:
                yield from self._met(piece, None)

    def _homes(self) -> Iterator[tuple[str, Interval]]:
        for link in self._links.by_name.values():
            if link.kind in WIRED:
                prefixes = (item.prefix for item in link.addresses if item.address.family == 4)
                for piece in merged((one.first, one.last) for one in prefixes):
                    yield link.name, piece

    def _met(self, headers: Headers, enters: str | None) -> Iterator[SentOn]:
        open_: list[tuple[Headers, str | None]] = [(headers, None)]
        for aim in self.aims:
            if enters is not None and not aim.named(enters):
                continue
            unsure = aim.doubt(enters)
            left: list[tuple[Headers, str | None]] = []
            for packets, doubt in open_:
                inside, outside = _split(aim, packets)
                left += [(piece, doubt) for piece in outside]
                for piece in inside:
                    after = doubt
                    if aim.outcome != "stays":
                        yield _changed(aim, piece, unsure or doubt)
                        after = aim.perhaps_an_answer
                    if unsure is None:
                        yield SentOn(piece, "stays", after)
                    else:
                        left.append((piece, unsure))
            open_ = left
        yield from (SentOn(packets, "stays", doubt) for packets, doubt in open_)


def _split(aim: Aim, headers: Headers) -> tuple[list[Headers], list[Headers]]:
    """The packets that the rule matches by their header, and the others."""
    first, others = cut(headers, Shape(4, None, None, aim.protocols))
    if first is None:
        return [], others
    inside, outside = split_by(aim, first)
    return inside, [*others, *outside]


def _changed(aim: Aim, headers: Headers, doubt: str | None) -> SentOn:
    if aim.outcome == "sent" and aim.to is not None:
        return SentOn(headers.aimed(aim.to), "sent", doubt)
    if aim.outcome == "itself":
        return SentOn(headers, "itself", doubt)
    return SentOn(headers, "unknown", f"nat destination rule {aim.number}: where it sends the packet")
