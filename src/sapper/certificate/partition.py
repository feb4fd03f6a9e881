"""Makes disjoint cells of ends that overlap, and as few as it can.

A piece is a set of packets and a set of situations with one end. Where two pieces meet, the common part gets both ends.
Afterwards cells with the same ends that differ in one field only become one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

from sapper.certificate.box import Box, in_both, joined, left_of
from sapper.certificate.derive import KEPT, Filled
from sapper.certificate.document import EndSeen
from sapper.certificate.space import EITHER, Space, Variables, When

MANY_CELLS = 3_000
# The focus' rows, the moves, the rows of the other connections, the states of the VTIs; as the variables have them.
Masks = tuple[int, ...]


class TooManyCells(Exception):
    """A question falls into more cells than a certificate should carry."""


class Piece(NamedTuple):
    """These packets in these situations come to these ends."""

    box: Box
    masks: Masks
    ends: frozenset[EndSeen]


class Partition:
    """The cells of one question."""

    def __init__(self, space: Space, asked: Variables) -> None:
        self._space = space
        self._asked = asked
        self._possible: dict[Masks, bool] = {}
        self.everywhere: Masks = (
            space.rows,
            space.moves,
            *(space.full(name) for name in asked.others),
            *(EITHER for _ in asked.raised),
        )
        self._pieces: list[Piece] = []

    def add(self, box: Box, masks: Masks, end: EndSeen) -> None:
        """These packets come to that end in these situations; others may have been added before."""
        new = frozenset({end})
        open_ = [Piece(box, masks, new)] if self._is_possible(masks) else []
        settled: list[Piece] = []
        while open_:
            piece = open_.pop()
            met = self._first_met(piece)
            if met is None:
                settled.append(piece)
                continue
            at, shared = met
            known = self._pieces[at]
            open_ += self._left_of(piece, shared)
            if not new <= known.ends:
                settled.append(shared._replace(ends=known.ends | new))
                self._pieces[at : at + 1] = self._left_of(known, shared)
        self._pieces += settled
        if len(self._pieces) > MANY_CELLS:
            raise TooManyCells

    def fill(self, box: Box) -> None:
        """Where nothing was added for these packets, nothing takes them: the device is down, or a policy asks for ESP."""
        open_ = [Piece(box, self.everywhere, frozenset({KEPT}))]
        for known in list(self._pieces):
            rest: list[Piece] = []
            for piece in open_:
                shared = self._shared(piece, known)
                rest += [piece] if shared is None else self._left_of(piece, shared)
            open_ = rest
        self._pieces += open_

    def cells(self) -> list[Filled]:
        """As few as merging gives, in a fixed order."""
        pieces = self._pieces
        before = 0
        while len(pieces) != before:
            before = len(pieces)
            for field in range(len(self.everywhere)):
                pieces = _merged(pieces, _but_mask(field), _with_masks(field))
            for name in ("destination", "source", "source_ports", "destination_ports", "protocols"):
                pieces = _merged(pieces, _but_field(name), _with_fields(name))
        return [Filled(piece.box, self._when(piece.masks), piece.ends) for piece in sorted(pieces, key=_order)]

    def _first_met(self, piece: Piece) -> tuple[int, Piece] | None:
        for at, known in enumerate(self._pieces):
            shared = self._shared(known, piece)
            if shared is not None:
                return at, shared
        return None

    def _shared(self, one: Piece, other: Piece) -> Piece | None:
        masks = tuple(map(and_, one.masks, other.masks))
        if not all(masks):
            return None
        box = in_both(one.box, other.box)
        return Piece(box, masks, frozenset()) if box is not None and self._is_possible(masks) else None

    def _left_of(self, piece: Piece, part: Piece) -> list[Piece]:
        """The piece without a part of it, in disjoint pieces."""
        found = [piece._replace(box=box) for box in left_of(piece.box, part.box)]
        masks = list(piece.masks)
        for at, mask in enumerate(part.masks):
            left = masks[at] & ~mask
            if left:
                rest = (*masks[:at], left, *masks[at + 1 :])
                if self._is_possible(rest):
                    found.append(Piece(part.box, rest, piece.ends))
            masks[at] = mask
        return found

    def _is_possible(self, masks: Masks) -> bool:
        found = self._possible.get(masks)
        if found is None:
            found = self._possible[masks] = self._space.count(self._when(masks), self._asked) > 0
        return found

    def _when(self, masks: Masks) -> When:
        names = (*self._asked.others, *self._asked.raised)
        named = [
            (name, mask)
            for name, mask, full in zip(names, masks[2:], self.everywhere[2:], strict=True)
            if mask != full
        ]
        amount = len(self._asked.others)
        others = set(names[:amount])
        return When(
            masks[0],
            masks[1],
            tuple(item for item in named if item[0] in others),
            tuple(item for item in named if item[0] not in others),
        )


def _merged(
    pieces: Iterable[Piece], key: Callable[[Piece], object], union: Callable[[list[Piece]], Piece]
) -> list[Piece]:
    groups: dict[object, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(key(piece), []).append(piece)
    return [union(group) if len(group) > 1 else group[0] for group in groups.values()]


def _but_mask(field: int) -> Callable[[Piece], object]:
    return lambda piece: (piece.box, piece.masks[:field], piece.masks[field + 1 :], piece.ends)


def _with_masks(field: int) -> Callable[[list[Piece]], Piece]:
    def union(group: list[Piece]) -> Piece:
        first = group[0]
        mask = reduce(or_, (piece.masks[field] for piece in group))
        return first._replace(masks=(*first.masks[:field], mask, *first.masks[field + 1 :]))

    return union


def _but_field(name: str) -> Callable[[Piece], object]:
    at = Box._fields.index(name)
    return lambda piece: (piece.box[:at], piece.box[at + 1 :], piece.masks, piece.ends)


def _with_fields(name: str) -> Callable[[list[Piece]], Piece]:
    def union(group: list[Piece]) -> Piece:
        values: list[Any] = [getattr(piece.box, name) for piece in group]
        if values[0] is None:
            return group[0]
        whole: Any = (
            reduce(or_, values) if name == "protocols" else joined(item for value in values for item in value)
        )
        return group[0]._replace(box=group[0].box._replace(**{name: whole}))

    return union


def _order(piece: Piece) -> tuple[Any, ...]:
    return (*piece.box._replace(source=piece.box.source or ()), *piece.masks)
