"""The tables of a certificate: each set of packets, set of situations and set of ends stands there once."""

from __future__ import annotations

from typing import Generic, TypeVar

from sapper.certificate.box import FRAME, Box
from sapper.certificate.derive import Filled
from sapper.certificate.document import Cell, EndSeen, PacketSet, SituationSet
from sapper.certificate.space import Space
from sapper.certificate.spelling import packet_set, situation_set

T = TypeVar("T")
K = TypeVar("K")


class _Table(Generic[K, T]):
    def __init__(self) -> None:
        self._at: dict[K, int] = {}
        self.rows: list[T] = []

    def at(self, key: K, row: T) -> int:
        found = self._at.get(key)
        if found is None:
            found = self._at[key] = len(self.rows)
            self.rows.append(row)
        return found


class Tables:
    """Fills up while a certificate is written."""

    def __init__(self) -> None:
        self.packets: _Table[Box, PacketSet] = _Table()
        self.situations: _Table[object, SituationSet] = _Table()
        self.ends: _Table[tuple[EndSeen, ...], tuple[EndSeen, ...]] = _Table()
        self.reasons: _Table[str, str] = _Table()

    def reason(self, reason: str | None) -> int | None:
        """Where that reason stands; None for none."""
        return None if reason is None else self.reasons.at(reason, reason)

    def packets_of(self, box: Box) -> int | None:
        """Where that set stands; None for a frame."""
        return None if box is FRAME or box == FRAME else self.packets.at(box, packet_set(box))

    def cell(self, cell: Filled, space: Space) -> Cell:
        """The cell as positions."""
        words = situation_set(cell.when, space.rows, space.around)
        key = (words.states, tuple(words.others.items()), tuple(words.vtis.items()), words.network)
        ends = tuple(sorted(cell.ends))
        return Cell(
            packets=self.packets_of(cell.box), when=self.situations.at(key, words), ends=self.ends.at(ends, ends)
        )
