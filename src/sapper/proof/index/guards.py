"""Guards, found by the packets they drop, and what they leave of a set of packets.

Mirrors :mod:`sapper.proof.walk.guard`. Any guard that fits drops, so their order does not matter.
"""

from __future__ import annotations

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Guard, Plan
from sapper.proof.bounds import Meter
from sapper.proof.index.prefixes import PrefixIndex
from sapper.proof.sets.headers import ALL_PROTOCOLS, Headers, Shape, cut, span

_Found = tuple[PrefixIndex[list[Guard]], PrefixIndex[list[Guard]], list[Guard]]


class Guards:
    """By hook and family: under the destination, else under the source, else one by one."""

    def __init__(self, plan: Plan, meter: Meter) -> None:
        self._meter = meter
        self._found: dict[tuple[str, Family], _Found] = {}
        for guard in plan.guards:
            key = (guard.hook, guard.family)
            found = self._found.setdefault(key, (PrefixIndex(key[1]), PrefixIndex(key[1]), []))
            if guard.destination is not None and guard.destination.family == guard.family:
                _append(found[0], guard, guard.destination)
            elif guard.source is not None and guard.source.family == guard.family:
                _append(found[1], guard, guard.source)
            else:
                found[2].append(guard)

    def passing(self, hook: str, headers: Headers, link: str) -> tuple[list[Headers], list[Headers]]:
        """The packets that no guard of that hook drops on that link, and those that one does."""
        found = self._found.get((hook, headers.family)) if self._found else None
        if found is None:
            return [headers], []
        some = [guard for held in found[0].overlapping(*headers.destination) for guard in held]
        if headers.source is not None:
            spread = headers.source[0][0], headers.source[-1][1]
            some += [guard for held in found[1].overlapping(*spread) for guard in held]
        left, dropped = [headers], []
        for guard in (*some, *found[2]):
            if guard.link is not None and guard.link != link:
                continue
            shape, rest = _shape(guard), left
            self._meter.take(len(rest))
            left = []
            for piece in rest:
                inside, outside = cut(piece, shape)
                left += outside
                if inside is not None:
                    dropped.append(inside)
        return left, dropped

    def stops(self, source: Address | None, destination: Address, protocol: int, link: str) -> bool:
        """Whether a guard drops that packet on its way in."""
        if not self._found:
            return False
        sources = None if source is None else ((source.value, source.value),)
        there = (destination.value, destination.value)
        headers = Headers(destination.family, sources, there, 1 << protocol)
        return any(self.passing(hook, headers, link)[1] for hook in ("prerouting", "input"))


def _append(index: PrefixIndex[list[Guard]], guard: Guard, prefix: Prefix) -> None:
    held = index.get(prefix)
    if held is None:
        index.put(prefix, [guard])
    else:
        held.append(guard)


def _shape(guard: Guard) -> Shape:
    return Shape(
        guard.family,
        None if guard.source is None else span(guard.source),
        None if guard.destination is None else span(guard.destination),
        ALL_PROTOCOLS if guard.protocol is None else 1 << guard.protocol,
    )
