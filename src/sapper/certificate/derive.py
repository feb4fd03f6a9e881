"""From the cells of a certificate to the verdict that they give, by the rules of :mod:`sapper.proof.properties.tally`.

``refuted`` needs a cell with an end that refutes without a doubt in a state that nobody tampered with; ``proved`` needs
that no cell refutes, that none has an unknown end, and that nothing that is not followed could add a way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

from sapper.certificate.box import Box
from sapper.certificate.document import EndSeen
from sapper.certificate.space import Space, Variables, When, bits
from sapper.kernel.gaps import ADDS_WAYS, DROPS
from sapper.kernel.plan import Plan
from sapper.proof.properties.tally import _names
from sapper.proof.properties.unwalked import unwalked
from sapper.proof.states.lifecycle import STATES, TABLE, TAMPERING
from sapper.proof.verdict import Property, VerdictWord
from sapper.proof.walk.walk import End

KEPT = EndSeen(kind="kept")


class Filled(NamedTuple):
    """A cell with its sets in place of their positions."""

    box: Box
    when: When
    ends: frozenset[EndSeen]


class Derived(NamedTuple):
    """The verdict; ``reasons`` in no order."""

    verdict: VerdictWord
    failing_states: tuple[str, ...]
    tampering: tuple[str, ...]
    reasons: frozenset[str]


def gaps_for(plan: Plan, asked: str) -> tuple[str, ...]:
    """What the proof does not follow and that could matter to that property."""
    return tuple(dict.fromkeys((*plan.gaps, *unwalked(plan, cast(Property, asked)))))


def derived(space: Space, gaps: Iterable[str], cells: Iterable[tuple[Variables, Filled]]) -> Derived:
    """The verdict of one property from the cells of all its questions."""
    dropping = [gap for gap in gaps if gap.endswith(DROPS)]
    adding = [gap for gap in gaps if gap.endswith(ADDS_WAYS)]
    sure = 0
    doubts: dict[str, None] = {}
    for asked, cell in cells:
        for seen in cell.ends:
            if seen.kind == "unknown" or seen.refutes:
                doubts.update(dict.fromkeys(seen.doubts))
            if seen.refutes:
                for at in bits(cell.when.rows & space.rows):
                    doubts.update(dict.fromkeys(space.doubts(at, cell.when, asked)))
                    if not seen.doubts and space.sure(at, cell.when, asked):
                        sure |= 1 << at
    states = {TABLE[at].state for at in bits(sure)}
    failing = tuple(state for state in STATES if state in states - TAMPERING)
    word: VerdictWord = "proved"
    reasons: Iterable[str] = ()
    if failing:
        word = "unknown" if dropping else "refuted"
        reasons = [f"not modelled, and it could stop the packet: {_names(dropping)}"] if dropping else ()
    elif doubts:
        word, reasons = "unknown", doubts
    elif adding:
        word, reasons = "unknown", [f"not modelled, and it could add a way: {_names(adding)}"]
    said = frozenset(part for reason in reasons for part in reason.split("; "))
    return Derived(word, failing, tuple(sorted(states & TAMPERING)), said)


def seen_of(end: End, refutes: bool, own: str | None) -> EndSeen:
    """An end of the reference walk as a certificate says it; ``own``: the tunnel that the packet belongs into."""
    return seen(end.kind, end.link, end.devices, end.doubts, not end.packet.protected, refutes, own)


def seen(
    kind: str,
    link: str | None,
    devices: tuple[str, ...],
    doubts: tuple[str, ...],
    clear: bool,
    refutes: bool,
    own: str | None,
) -> EndSeen:
    """An end, less what decides nothing."""
    named = tuple(sorted(set(doubts)))
    if kind == "unknown":
        return EndSeen(kind="unknown", doubts=named)
    if kind == "carried" or (own is not None and own in devices):
        return EndSeen(kind="carried")
    if kind != "wire":
        # Whether it is dropped or delivered matters only where being delivered is what must not be.
        return EndSeen(kind="delivered", refutes=True, doubts=named) if refutes else KEPT
    return EndSeen(
        kind="wire",
        link=link or "",
        devices=devices,
        clear=clear,
        refutes=refutes,
        doubts=named if refutes else (),
    )
