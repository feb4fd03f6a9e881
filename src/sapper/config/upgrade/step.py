"""What an upgrade step is: a function that changes words of one tree in place and notes what a person should know.

A step belongs to a component of the version footer, as VyOS' own migration steps do: "interfaces step 19-to-20" is
needed by every file whose ``interfaces`` component is below 20. ``telling`` words say themselves how old they are, so
that a text without a footer can be upgraded word by word; a step that is not telling fills in what was left out, and
needs to know the generation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sapper.config.generation import Generation
from sapper.config.tree import Node, Span


class Note(NamedTuple):
    """Something that the upgrade silently changed, ignored, or could not do. ``path`` is as the text wrote it.

    ``code`` is that of the rule that reports it, or empty for what only a conversion has to say.
    """

    code: str
    message: str
    span: Span
    path: tuple[str, ...]


class Written(NamedTuple):
    """What the text was written for. ``old_ipsec``: its IPsec part follows the rules of 1.3 and before."""

    generation: Generation
    old_ipsec: bool


Apply = Callable[[Node, Written], list[Note]]

LENIENCE = ""
"""The component of what no release does: reading over a slip that articles make. It runs for every text."""


class Step(NamedTuple):
    """One step: ``component`` and ``to`` are VyOS' (step N-to-``to``), ``name`` is for people."""

    component: str
    to: int
    name: str
    apply: Apply
    telling: bool = True
