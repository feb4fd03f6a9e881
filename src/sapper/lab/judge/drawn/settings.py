"""Random situations: lifecycle rows that exist for the connections, VTIs as they may be, moves of the network."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import Plan
from sapper.lab.judge.case import ROWS, Setting
from sapper.lab.judge.drawn.pool import Dice
from sapper.proof.states.lifecycle import Row
from sapper.proof.states.situation import UNDISTURBED, Move, moves_of, raised_sets, rows_for


def settings(dice: Dice, plan: Plan, count: int) -> Iterator[Setting]:
    """``count`` of them in random order; only the last may have a move, because what it takes does not come back."""
    rows = [row.label for row in rows_for(plan.connections[:1])] or ["boot"]
    if "flushed" in rows and dice.chance(20):
        rows += ["flushed"] * 4
    there = [label for label in rows if ROWS[label].policies]
    drawn = list(dict.fromkeys(dice.sample(rows, min(count, len(rows)))))
    if there and not any(ROWS[label].policies for label in drawn):
        drawn[0] = dice.one(there)
    moves = [move for move in moves_of(plan) if move != UNDISTURBED]
    for at, label in enumerate(drawn):
        last = at == len(drawn) - 1
        yield _setting(dice, plan, label, dice.one(moves) if last and moves and dice.chance(60) else UNDISTURBED)


def _setting(dice: Dice, plan: Plan, label: str, move: Move) -> Setting:
    elsewhere: tuple[tuple[str, Row], ...] = ()
    if not ROWS[label].shared:
        elsewhere = tuple(
            (other.name, dice.one([row for row in rows_for((other,)) if not row.shared]))
            for other in plan.connections[1:]
        )
    raised = dice.one(list(raised_sets(plan, ROWS[label], elsewhere)))
    return Setting(row=label, raised=raised, others=tuple((name, row.label) for name, row in elsewhere), move=move)
