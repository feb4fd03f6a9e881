"""Source NAT rules, found by destination, and what they make of a set of packets.

Mirrors :mod:`sapper.proof.walk.nat`: the first rule that matches decides; one with a match that sapper does not model may
or may not apply, so both ways are followed and the second carries the rule's name as a doubt.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Link, MarkRule, Plan, SourceNatRule
from sapper.proof.bounds import Meter
from sapper.proof.facts.destination_nat import Aim
from sapper.proof.index.prefixes import PrefixIndex
from sapper.proof.sets.headers import ALL_PROTOCOLS, Headers, Shape, cut, span
from sapper.proof.sets.intervals import Interval
from sapper.proof.walk.nat import _first_address, _named

_NOWHERE: Interval = (-2, -2)
# What it costs to cut a set by a rule, beside what it costs to look at one.
_LOOKS = 4


class SourceNat:
    """All rules of one Plan, in their order."""

    def __init__(self, plan: Plan, meter: Meter) -> None:
        self._meter = meter
        self.rules = plan.source_nat
        self._by_destination: PrefixIndex[list[int]] = PrefixIndex(4)
        self._wide: list[int] = []
        for at, rule in enumerate(self.rules):
            there = rule.destination
            if there is None or there.family != 4 or "destination" in rule.negated:
                self._wide.append(at)
            elif (held := self._by_destination.get(there)) is not None:
                held.append(at)
            else:
                self._by_destination.put(there, [at])
        self._wide_for: dict[str, list[int]] = {}
        self._patterns = {(rule.out_link, "outbound" in rule.negated): rule for rule in self.rules}
        self._asked_for: dict[str, bool] = {}

    def meeting(self, headers: Headers, link: Link) -> list[int]:
        """The positions of the rules that may match, in order."""
        wide = self._wide_for.get(link.name)
        if wide is None:
            wide = self._wide_for[link.name] = [at for at in self._wide if _leaves(self.rules[at], link.name)]
        some = [at for held in self._by_destination.overlapping(*headers.destination) for at in held]
        if not some:
            return wide
        return sorted([*wide, *(at for at in some if _leaves(self.rules[at], link.name))])

    def meets(self, name: str) -> bool:
        """Whether any rule may match what leaves by that link."""
        found = self._asked_for.get(name)
        if found is None:
            found = self._asked_for[name] = any(_leaves(rule, name) for rule in self._patterns.values())
        return found

    def towards(self, destination: int) -> list[int]:
        """The positions of the rules that may match a packet for that address."""
        return self._wide + [at for held in self._by_destination.holding(destination) for at in held]

    def translations(self, headers: Headers, link: Link) -> Iterator[tuple[Headers, str | None]]:
        """Each way that the packets may look after postrouting, and the doubt about it; without a packet lost."""
        if headers.family != 4 or not self.meets(link.name):
            yield headers, None
            return
        positions = self.meeting(headers, link)
        open_: list[tuple[Headers, str | None, int]] = [(headers, None, 0)]
        while open_:
            rest, doubt, at = open_.pop()
            if at == len(positions):
                yield rest, doubt
                continue
            self._meter.take(_LOOKS)
            rule = self.rules[positions[at]]
            inside, outside = split_by(rule, rest)
            open_ += [(piece, doubt, at + 1) for piece in outside]
            for piece in inside:
                if not rule.unmodelled:
                    yield _applied(rule, piece, link), doubt
                    continue
                named = f"nat source rule {rule.number}: {', '.join(rule.unmodelled)}"
                yield _applied(rule, piece, link), named
                open_.append((piece, named, at + 1))


def _leaves(rule: SourceNatRule, name: str) -> bool:
    fits = _named(rule.out_link, name)
    return fits is None or fits != ("outbound" in rule.negated)


def split_by(rule: SourceNatRule | MarkRule | Aim, headers: Headers) -> tuple[list[Headers], list[Headers]]:
    """The packets that the rule matches by their header, and the others."""
    inside, outside = [headers], []
    family = headers.family
    protocols = ALL_PROTOCOLS if rule.protocol is None else 1 << rule.protocol
    for name, wanted, shape in (
        ("source", rule.source, Shape(family, _span(rule.source, family), None)),
        ("destination", rule.destination, Shape(family, None, _span(rule.destination, family))),
        ("protocol", rule.protocol, Shape(family, None, None, protocols)),
    ):
        if wanted is None:
            continue
        matched: list[Headers] = []
        for piece in inside:
            hit, rest = cut(piece, shape)
            hits = [] if hit is None else [hit]
            if name in rule.negated:
                hits, rest = rest, hits
            matched += hits
            outside += rest
        inside = matched
    return inside, outside


def _span(prefix: Prefix | None, family: Family) -> Interval | None:
    if prefix is None:
        return None
    return span(prefix) if prefix.family == family else _NOWHERE


def _applied(rule: SourceNatRule, headers: Headers, link: Link) -> Headers:
    if rule.action == "accept":
        return headers
    to: Address | None = rule.to if rule.action == "snat" else _first_address(link, headers.family)
    if to is None and headers.source is None:
        return headers
    return headers.rewritten(to)
