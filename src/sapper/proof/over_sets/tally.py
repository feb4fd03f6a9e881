"""From the ends of a walk of sets to the verdict of one question, by the rules of :mod:`sapper.proof.properties.tally`.

``states`` counts the situations of what the walks asked about: rows of the focus, contents of the other connections,
VTIs, moves of the network. ``classes`` counts the packet sets that were told apart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from sapper.kernel.gaps import ADDS_WAYS, DROPS
from sapper.proof.index.circumstance import MOVE, Circumstance
from sapper.proof.index.links import RAISED_BIT
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.over_sets.cases import Origins, SetCase
from sapper.proof.over_sets.ending import Ending
from sapper.proof.over_sets.focus import TAMPERED, Focus
from sapper.proof.over_sets.witness import concrete_case, confirmed
from sapper.proof.properties.question import Question
from sapper.proof.properties.tally import Finding, _names, _witness
from sapper.proof.properties.unwalked import unwalked
from sapper.proof.sets.headers import Headers
from sapper.proof.sets.intervals import Intervals, outside
from sapper.proof.states.events import Parties, events_into
from sapper.proof.states.lifecycle import STATES, TABLE
from sapper.proof.states.situation import Situation
from sapper.proof.verdict import Property, PropertyVerdict, VerdictWord, Witness

UNCONFIRMED = (
    "the walk of one packet does not confirm what the walk of sets found; please report this configuration"
)


class Found(NamedTuple):
    """One end that refutes in ``rows`` (bits of the table); in those that are not ``sure`` a doubt is left."""

    case: SetCase
    ending: Ending
    rows: int
    sure: int


class Gaps:
    """What the Plan does not carry, for each property, by what it may do."""

    def __init__(self, index: PlanIndex) -> None:
        self._index = index
        self._found: dict[Property, tuple[list[str], list[str]]] = {}

    def of(self, asked: Property) -> tuple[list[str], list[str]]:
        """Gaps that may drop packets, and gaps that may add ways."""
        found = self._found.get(asked)
        if found is None:
            plan = self._index.plan
            gaps = dict.fromkeys((*plan.gaps, *unwalked(plan, asked)))
            found = (
                [gap for gap in gaps if gap.endswith(DROPS)],
                [gap for gap in gaps if gap.endswith(ADDS_WAYS)],
            )
            self._found[asked] = found
        return found


def findings(
    focus: Focus, walked: list[tuple[SetCase, list[Ending]]], refutes: Callable[[Ending], Ending | None]
) -> tuple[list[Found], list[str]]:
    """The ends that refute, and the doubts of those that nobody knows."""
    found: list[Found] = []
    unknown: dict[str, None] = {}
    for case, endings in walked:
        for ending in endings:
            if ending.kind == "dropped":
                continue
            if ending.kind == "unknown":
                if focus.rows(ending.when):
                    unknown.update(dict.fromkeys(ending.doubts))
                continue
            bad = refutes(ending)
            rows = focus.rows(ending.when) if bad is not None else 0
            if bad is not None and rows:
                found.append(Found(case, bad, rows, 0 if ending.doubts else focus.sure(ending.when, rows)))
    return found, list(unknown)


def leaking(index: PlanIndex, ending: Ending, not_by: str | None = None) -> Ending | None:
    """The end, if it puts clear packets on a wire where they must not be; those packets only."""
    headers = ending.headers
    if ending.kind != "wire" or headers is None or headers.protected or not_by in ending.devices:
        return None
    assert ending.link is not None
    trust = index.trust
    if ending.link not in trust.untrusted:
        return None
    if ending.link in trust.underlays:
        return ending
    piece = _elsewhere(index, ending.link, headers)
    return (
        None
        if piece is None
        else ending._replace(headers=piece, entered=piece.box if headers.origin is None else ending.entered)
    )


def _elsewhere(index: PlanIndex, name: str, headers: Headers) -> Headers | None:
    """A part of the packets that is for no directly connected network of that link."""
    left: Intervals = (headers.destination,)
    for attached in index.links.by_name[name].addresses:
        if attached.address.family == headers.family:
            left = outside(left, attached.prefix.first, attached.prefix.last)
    return headers.towards(left[0]) if left else None


class Tally:
    """Judges what was found; ``asked`` is the reference's question, which confirms a witness."""

    def __init__(self, index: PlanIndex, origins: Origins) -> None:
        self._index = index
        self._origins = origins
        self.gaps = Gaps(index).of

    def verdict(
        self,
        asked: Question,
        focus: Focus,
        walked: list[tuple[SetCase, list[Ending]]],
        found: list[Found],
        unknown: list[str],
    ) -> PropertyVerdict:
        """By the rules of the reference's ``_verdict``."""
        dropping, adding = ([], []) if asked.sealed else self.gaps(asked.property)
        sure = rows = 0
        for item in found:
            sure |= item.sure
            rows |= item.rows
        lasting = sure & ~TAMPERED
        verdict: VerdictWord = "proved"
        reason: str | None = None
        if lasting:
            verdict = "refuted"
            if dropping:
                verdict, reason = "unknown", f"not modelled, and it could stop the packet: {_names(dropping)}"
        elif doubts := self._doubts(focus, found, unknown):
            verdict, reason = "unknown", "; ".join(doubts)
        elif adding:
            verdict, reason = "unknown", f"not modelled, and it could add a way: {_names(adding)}"
        witness = self._witness(asked, focus, found, lasting) if found else None
        if found and witness is None:
            verdict, reason = "unknown", UNCONFIRMED
        every = [ending for _, endings in walked for ending in endings]
        return PropertyVerdict(
            verdict=verdict,
            failing_states=_states(lasting),
            tampering=tuple(sorted(_states(sure & TAMPERED))),
            states=focus.situations([ending.when for ending in every], len(self._index.links.moves)),
            classes=len({ending.entered for ending in every}),
            assumptions=self._index.plan.assumptions,
            reason=reason,
            witness=witness,
        )

    def _doubts(self, focus: Focus, found: list[Found], unknown: list[str]) -> list[str]:
        names = dict.fromkeys(unknown)
        for item in found:
            names.update(dict.fromkeys(item.ending.doubts))
            names.update(dict.fromkeys(focus.doubts(item.ending.when, item.rows)))
        return list(names)

    def _witness(self, asked: Question, focus: Focus, found: list[Found], lasting: int) -> Witness | None:
        """The counterexample of the first row, confirmed by the reference; None if it is not."""
        chosen, row = _first(found, lasting)
        situation = situation_of(self._index, focus, chosen.ending.when, row)
        case = concrete_case(self._index, self._origins, chosen.case, chosen.ending)
        end = confirmed(self._index, asked, situation, case, chosen.ending)
        if end is None:
            return None
        parties = Parties(focus.by_name, self._index.links.owner, self._index.links.by_name)
        return _witness(Finding(situation, case, end, ()), events_into(parties, focus.names, situation))


def _first(found: list[Found], lasting: int) -> tuple[Found, int]:
    """The finding to show, and its row: a sure one if there is one, in the first row of the table, undisturbed."""
    best: tuple[tuple[int, int], Found] | None = None
    for item in found:
        rows = item.sure & lasting if lasting else item.rows
        if not rows:
            continue
        row = (rows & -rows).bit_length() - 1
        moves = item.ending.when.get(MOVE, 1)
        rank = (row, moves & -moves)
        if best is None or rank < best[0]:
            best = (rank, item)
    assert best is not None
    return best[1], best[0][0]


def situation_of(index: PlanIndex, focus: Focus, when: Circumstance, row: int) -> Situation:
    """One situation of the circumstance, with the focus in that row."""
    moves = when.get(MOVE, 1)
    raised = frozenset(name for (kind, name), mask in when.items() if kind == "raised" and mask == RAISED_BIT)
    others = tuple(focus.choice(when, row))
    return Situation(TABLE[row], raised, others, index.links.moves[(moves & -moves).bit_length() - 1])


@cache
def _states(rows: int) -> tuple[str, ...]:
    """The states of these rows, in the order of the words."""
    names = {row.state for at, row in enumerate(TABLE) if rows >> at & 1}
    return tuple(state for state in STATES if state in names)
