"""What an upgrade step is: a function that changes words of one tree in place and notes what a person should know."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sapper.config.generation import Generation
from sapper.config.tree import Node, Span


class Note(NamedTuple):
    """Something that the upgrade silently changed or ignored. ``path`` is as the text wrote it."""

    code: str
    message: str
    span: Span
    path: tuple[str, ...]


class Written(NamedTuple):
    """What the text was written for. ``old_ipsec``: its IPsec part follows the rules of 1.3 and before."""

    generation: Generation
    old_ipsec: bool


Apply = Callable[[Node, Written], list[Note]]


class Step(NamedTuple):
    """One step: ``name`` for people, ``apply`` on a tree that the step may change. It acts on the words it finds."""

    name: str
    apply: Apply
