"""Where a walk of packet sets ends, and what it remembers on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from sapper.proof.index.circumstance import Circumstance, Product, narrowed
from sapper.proof.sets.headers import Box, Headers

EndKind = Literal["wire", "dropped", "delivered", "unknown", "carried"]


class Ending(NamedTuple):
    """``headers`` as they end (None: a frame); ``entered`` as they entered, None where that does not matter.

    ``carried``: handed to the tunnel that they belong into, and not followed further. ``seals`` are the children whose
    SA encrypted them, the innermost first.
    """

    kind: EndKind
    when: Circumstance
    headers: Headers | None
    entered: Box | None
    link: str | None
    devices: tuple[str, ...]
    doubts: tuple[str, ...]
    seals: tuple[str, ...] = ()


class Trail(NamedTuple):
    """``devices`` that the packets were handed to, the ``doubts`` on the way, and the children that encrypted.

    ``mark`` stays on a packet whatever is put around it.
    """

    devices: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    seals: tuple[str, ...] = ()
    mark: int = 0

    def through(self, device: str) -> Trail:
        return Trail((*self.devices, device), self.doubts, self.seals, self.mark)

    def sealed(self, child: str) -> Trail:
        return Trail(self.devices, self.doubts, (*self.seals, child), self.mark)

    def doubt(self, name: str | None) -> Trail:
        return self if name is None else Trail(self.devices, (*self.doubts, name), self.seals, self.mark)


NO_TRAIL = Trail()


def end(
    kind: EndKind, headers: Headers | None, when: Circumstance, trail: Trail, link: str | None = None
) -> Ending:
    """An end of these packets in that circumstance."""
    entered = None if headers is None else headers.box
    return Ending(kind, when, headers, entered, link, trail.devices, trail.doubts, trail.seals)


def met(first: Circumstance, second: Circumstance) -> Circumstance | None:
    """Both at once; None where that cannot be."""
    if not second:
        return first
    return narrowed(first, tuple(second.items())) if first else second


def each(products: Iterable[Product]) -> list[Circumstance]:
    """Products as circumstances."""
    return [dict(product) for product in products]
