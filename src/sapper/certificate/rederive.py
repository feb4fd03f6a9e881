"""Verdicts without cells, as the reference proof comes to them: one situation and one packet class after the other.

A property that no cells are written for is proved again here, whatever its name. A property whose cells were too many
to write claims nothing; that is believed only where the reference has too much to do as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sapper.certificate.space import Space, Surroundings
from sapper.kernel.plan import Plan
from sapper.proof.enumeration import _PROPERTIES, NOT_EXAMINED
from sapper.proof.properties import liveness_verdict
from sapper.proof.properties.protected import Entry
from sapper.proof.properties.question import Question
from sapper.proof.properties.tally import cone_of, settle
from sapper.proof.verdict import PropertyVerdict

GIVEN_UP = "too many packet classes or situations to put down each"
# Walks; a few seconds.
_MANY = 5_000
_JUDGES: dict[str, Callable[[Plan, Entry, Question], PropertyVerdict]] = {"liveness": liveness_verdict.settle}


def rederived(plan: Plan, entry: Entry, name: str) -> PropertyVerdict:
    """The reference's verdict of that property of a protected entry of a completed Plan."""
    asked = _question(plan, entry, name)
    if asked is None:
        return PropertyVerdict(verdict="unknown", reason=NOT_EXAMINED)
    return _JUDGES.get(name, settle)(plan, entry, asked)


def is_within_reach(plan: Plan, entry: Entry, name: str, around: Surroundings) -> bool:
    """Whether the reference comes to a verdict of it in a few seconds."""
    asked = _question(plan, entry, name)
    if asked is None or not asked.cases:
        return True
    space = Space(around, entry)
    cone = {connection.name for connection in cone_of(plan, entry) if not space.follows(connection.name)}
    every = space.closed(cone, set(around.owners))
    return space.count(space.everything, every) * len(asked.cases) <= _MANY


def _question(plan: Plan, entry: Entry, name: str) -> Question | None:
    """A property's module has its name."""
    modules: tuple[Any, ...] = _PROPERTIES
    for module in modules:
        if module.__name__.rpartition(".")[2] in (name, name.rpartition("-")[2]):
            asked: Question = module.question(plan, entry)
            return asked
    return None
