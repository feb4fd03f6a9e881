"""What a step back is: a function that writes one thing in older words, and says what those words cannot say.

Each undoes the upgrade step of the same name, component and number: what it makes, the upgrade turns into what was
there before. It never drops an option that means something; that is a :class:`Lacking`. ``telling`` is as for
upgrades: a step that writes out a default needs to know the generation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sapper.config.tree import Node, Span


class Lacking(NamedTuple):
    """An option that the older generation does not have. ``reason`` ends a sentence about it, without its value."""

    path: tuple[str, ...]
    span: Span
    reason: str


Apply = Callable[[Node], list[Lacking]]


class Step(NamedTuple):
    """One step from version ``to`` of ``component`` to the one before."""

    component: str
    to: int
    name: str
    apply: Apply
    telling: bool = True


def lacking(node: Node, reason: str, *path: str) -> Lacking:
    """What ``node`` at ``path`` says is lacking."""
    return Lacking(path, node.span, reason)
