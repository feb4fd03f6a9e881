"""A case: one completed Plan, the situations that it gets into, and the packets that are sent in each of them.

A case is a value that goes to JSON and back, so that a disagreement can be kept in a file. A lifecycle row is named by
its label, because the table may grow while a file stays.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Plan
from sapper.proof.facts.packet import Packet
from sapper.proof.states.lifecycle import TABLE, Row
from sapper.proof.states.situation import UNDISTURBED, Move, Situation

How = Literal["local", "forwarded", "device", "injected"]
ROWS: dict[str, Row] = {row.label: row for row in TABLE}


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One packet. ``local``: by a process here; ``forwarded``: from ``link``, in front of the router; ``device``:
    handed to the tunnel device ``link``; ``injected``: an attacker's, on ``link``, in the shape that the tunnel
    ``device`` takes off.
    """

    how: How
    packet: Packet
    link: str | None = None
    device: str | None = None


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A :class:`~sapper.proof.states.situation.Situation` with rows by their labels."""

    row: str
    raised: frozenset[str] = frozenset()
    others: tuple[tuple[str, str], ...] = ()
    move: Move = UNDISTURBED

    def situation(self) -> Situation:
        """Raises KeyError for a row that the table does not have any more."""
        return Situation(
            ROWS[self.row], self.raised, tuple((name, ROWS[row]) for name, row in self.others), self.move
        )


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """``settings`` are gone through in order on one kernel; only the last may have a move of the network."""

    plan: Plan
    settings: tuple[Setting, ...]
    probes: tuple[Probe, ...]
    seed: int | None = None
    about: str = ""


def encode(case: Case) -> bytes:
    """JSON, indented. A Plan of the judge has no secrets; one with a secret raises."""
    return msgspec.json.format(msgspec.json.encode(case, enc_hook=_to_text, order="deterministic"), indent=1)


def decode(text: bytes) -> Case:
    """Raises msgspec.ValidationError for anything that :func:`encode` did not write."""
    return msgspec.json.decode(text, type=Case, dec_hook=_from_text)


def _to_text(value: object) -> str:
    if isinstance(value, Address | Prefix | Attached):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} does not go into a case")


def _from_text(kind: type, value: Any) -> object:
    if kind in (Address, Prefix, Attached):
        return kind.parse(value)
    raise NotImplementedError(f"{kind.__name__} does not go into a case")
