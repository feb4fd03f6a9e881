"""Conditions on a situation: what each variable may still be, and how a fact splits that.

A variable is a connection's row of the lifecycle table, the state of a VTI, or the network's move; its values are
the bits of a mask. A :data:`Circumstance` is a product: it holds for the situations that have one of the left values
in each variable. A :class:`Fact` says in which disjoint products something holds and in which it does not. So a walk
asks only about what it meets, instead of going through every combination of everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from sapper.proof.states.lifecycle import TABLE, Row

Variable = tuple[str, str]
Product = tuple[tuple[Variable, int], ...]
Circumstance = Mapping[Variable, int]

MOVE: Variable = ("move", "")
ANYTIME: Circumstance = {}
# The row of a connection that no connection of the Plan is: it follows the one that is asked about.
FOCUS = ""
T = TypeVar("T")


class Fact(NamedTuple):
    """Disjoint products; those of ``holds`` and ``fails`` together are all situations."""

    holds: tuple[Product, ...]
    fails: tuple[Product, ...]


ALWAYS = Fact(((),), ())
NEVER = Fact((), ((),))


def rows_where(mask: int, connection: str) -> Fact:
    """The connection is in one of these rows (bits by their position in the table)."""
    if mask == 0:
        return NEVER
    if mask == ALL_ROWS:
        return ALWAYS
    variable = ("row", connection)
    return Fact((((variable, mask),),), (((variable, ALL_ROWS & ~mask),),))


def mask_of(rows: Iterable[Row]) -> int:
    """The rows as bits."""
    wanted = set(map(id, rows))
    return sum(1 << at for at, row in enumerate(TABLE) if id(row) in wanted)


ALL_ROWS = (1 << len(TABLE)) - 1


def narrowed(circumstance: Circumstance, product: Product) -> Circumstance | None:
    """What of the circumstance is in the product, too; None where nothing is."""
    changed: dict[Variable, int] | None = None
    for variable, mask in product:
        now = circumstance.get(variable)
        left = mask if now is None else now & mask
        if not left:
            return None
        if left != now:
            if changed is None:
                changed = dict(circumstance)
            changed[variable] = left
    return circumstance if changed is None else changed


def united(found: list[Circumstance]) -> list[Circumstance]:
    """The same situations in fewer products: disjoint ones that differ in one variable only become one."""
    for variable in dict.fromkeys(variable for one in found for variable in one):
        masks: dict[frozenset[tuple[Variable, int]], int] = {}
        apart: list[Circumstance] = []
        for one in found:
            if variable in one:
                others = frozenset(item for item in one.items() if item[0] != variable)
                masks[others] = masks.get(others, 0) | one[variable]
            else:
                apart.append(one)
        if len(apart) + len(masks) < len(found):
            found = [*apart, *({**dict(others), variable: mask} for others, mask in masks.items())]
    return found


def joined(first: Product, second: Product) -> Product | None:
    """Both at once; None where that cannot be."""
    if not first or not second:
        return first or second
    found = narrowed(dict(first), second)
    return None if found is None else tuple(found.items())


def both(first: Fact, second: Fact) -> Fact:
    """The first and the second."""
    holds = _products(first.holds, second.holds)
    return Fact(holds, (*first.fails, *_products(first.holds, second.fails)))


def opposite(fact: Fact) -> Fact:
    return Fact(fact.fails, fact.holds)


def either(first: Fact, second: Fact) -> Fact:
    """The first or the second."""
    return opposite(both(opposite(first), opposite(second)))


def first_of(options: Iterable[tuple[Fact, T]]) -> tuple[list[tuple[Product, T]], tuple[Product, ...]]:
    """The first option whose fact holds, by circumstance; and where none does."""
    chosen: list[tuple[Product, T]] = []
    left: tuple[Product, ...] = ((),)
    for fact, value in options:
        chosen += [(product, value) for product in _products(left, fact.holds)]
        left = _products(left, fact.fails)
        if not left:
            break
    return chosen, left


def _products(first: tuple[Product, ...], second: tuple[Product, ...]) -> tuple[Product, ...]:
    if first == ((),):
        return second
    found = (joined(one, other) for one in first for other in second)
    return tuple(product for product in found if product is not None)
