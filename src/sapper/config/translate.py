"""A document's tree in the words of another generation: upgrade steps where its components are older, steps back
where they are newer.

Only the steps between the two run, so that what both generations say alike is left alone. Sections of components
that no step is for are not touched.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.config import downgrade
from sapper.config.downgrade.step import Lacking
from sapper.config.generation import COMPONENTS, Generation, recognise_generation
from sapper.config.tree import Document, Node
from sapper.config.upgrade import register
from sapper.config.upgrade.graft import copy
from sapper.config.upgrade.step import Note


class Translated(NamedTuple):
    """``lacking`` is what the target cannot say; the tree is of no use unless it is empty."""

    root: Node
    notes: list[Note]
    lacking: list[Lacking]


def translate(document: Document, target: Generation) -> Translated:
    """The document's tree for ``target``; the document itself stays as it is."""
    generation = recognise_generation(document)
    root = copy(document.root)
    versions = COMPONENTS[target]
    notes: list[Note] = []
    lacking: list[Lacking] = []
    for step in register.needed(document, generation, versions):
        notes += register.run(step, root, document, generation)
    for back in downgrade.needed(document, generation, versions):
        lacking += back.apply(root)
    return Translated(root, sorted(notes, key=_place), sorted(lacking, key=_place))


_PARTLY = frozenset({"l2tp", "system"})
"""Components of which the steps here change little or nothing."""


def components_for(document: Document, target: Generation) -> dict[str, int]:
    """The footer's components for the translated text: those that steps are for at ``target``, the rest as they were.

    The others keep their numbers, because their sections keep their words: a newer router upgrades those itself. So
    do system and l2tp on the way up. A component that ``target`` does not have yet is left out.
    """
    written, versions = document.components, COMPONENTS[target]
    handled = {name for numbers in COMPONENTS.values() for name in numbers}
    kept = {name: number for name, number in written.items() if name not in handled}
    for name, number in versions.items():
        kept[name] = min(number, written.get(name, number)) if name in _PARTLY else number
    return kept


def _place(item: Note | Lacking) -> tuple[int, int]:
    return item.span
