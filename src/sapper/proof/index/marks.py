"""What policy routing marks a set of packets with that comes in.

Mirrors ``marks_met`` of :mod:`sapper.proof.facts.policy_routing`: the first rule that matches decides; one with a match that
sapper does not model may or may not apply.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.address import Family
from sapper.kernel.plan import MarkRule, Plan
from sapper.proof.bounds import Meter
from sapper.proof.facts.policy_routing import doubt_of, in_links, leading_marks, named, perhaps_by
from sapper.proof.index.links import Links
from sapper.proof.index.source_nat import split_by
from sapper.proof.sets.headers import Headers, Shape, cut
from sapper.proof.sets.intervals import merged


class Marked(NamedTuple):
    """``mark`` 0: none."""

    headers: Headers
    mark: int
    doubt: str | None


class Marks:
    """The rules of one Plan that matter, by family."""

    def __init__(self, plan: Plan, links: Links, meter: Meter) -> None:
        self._meter = meter
        self._links = links
        self.leading = every = leading_marks(plan.marks, plan.rules)
        self._rules: dict[Family, list[MarkRule]] = {}
        for rule in every:
            self._rules.setdefault(rule.family, []).append(rule)
        self._names = {family: in_links(rules, links.by_name) for family, rules in self._rules.items()}

    def any(self, family: Family) -> bool:
        """Whether anything of that family is marked."""
        return bool(self._names.get(family))

    def of(self, headers: Headers, enters: str) -> Iterator[Marked]:
        """The packets in pieces, each with every mark that it may get."""
        names = self._names.get(headers.family, ())
        if not names:
            yield Marked(headers, 0, None)
        elif enters in self._links.by_name:
            yield from self._met(headers, enters)
        else:
            yield from self._from_somewhere(headers, names)

    def _from_somewhere(self, headers: Headers, names: tuple[str, ...]) -> Iterator[Marked]:
        """By the interface whose network the source is in; from elsewhere by any of them, perhaps."""
        rest = [headers]
        for name in names:
            for home in self._homes(name, headers.family):
                inside, _ = cut(headers, home)
                if inside is not None:
                    yield from self._met(inside, name)
                rest = [piece for one in rest for piece in cut(one, home)[1]]
        for piece in rest:
            yield Marked(piece, 0, None)
            for name in names:
                yield from (
                    Marked(marked.headers, marked.mark, perhaps_by(name))
                    for marked in self._met(piece, name)
                    if marked.mark
                )

    def _homes(self, name: str, family: Family) -> list[Shape]:
        networks = (item.prefix for item in self._links.by_name[name].addresses if item.address.family == family)
        return [Shape(family, piece, None) for piece in merged((one.first, one.last) for one in networks)]

    def _met(self, headers: Headers, enters: str) -> Iterator[Marked]:
        open_: list[Marked] = [Marked(headers, 0, None)]
        for rule in self._rules[headers.family]:
            if not named(rule, enters):
                continue
            left: list[Marked] = []
            self._meter.take(len(open_))
            for one in open_:
                inside, outside = split_by(rule, one.headers)
                left += [one._replace(headers=piece) for piece in outside]
                for piece in inside:
                    if not rule.unmodelled:
                        yield Marked(piece, rule.mark, one.doubt)
                        continue
                    doubt = doubt_of(rule, enters)
                    yield Marked(piece, rule.mark, doubt)
                    left.append(Marked(piece, 0, doubt))
            open_ = left
        yield from open_
