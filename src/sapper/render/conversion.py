"""A configuration written again: in another syntax, in the words of another generation, or both.

What need not change does not: the same syntax and generation are the same text, the same syntax in another generation
is the old text with the lines changed that must, and only another syntax is printed anew. Sections that sapper does
not model keep their words, and are named. The text of a conversion holds every secret of the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sapper.config.downgrade.shape import older_shape
from sapper.config.downgrade.step import Lacking
from sapper.config.footer import Footer, footer_of, print_footer
from sapper.config.generation import ReportedGeneration, recognise_generation, reported
from sapper.config.patch import patch
from sapper.config.print_braces import print_braces
from sapper.config.print_json import print_json
from sapper.config.print_set import print_set
from sapper.config.shape import Shape, either, written_shape
from sapper.config.source import Span
from sapper.config.splice import new_line
from sapper.config.translate import Translated, components_for, translate
from sapper.config.tree import Document, Node, Syntax
from sapper.config.unprintable import UnprintableWord
from sapper.config.upgrade import Note, upgrade
from sapper.schema.foreign import foreign_shape
from sapper.schema.register import SCHEMA, Word
from sapper.schema.shape import shape_of

_FOOTER = re.compile(r"^[ \t]*(?:/\*|//) Warning: Do not remove the following line\.", re.MULTILINE)

_SECTION_DEPTH = 2
"""Words of a section's path: ``service ssh``, ``interfaces openvpn``. An option further down is no section."""

_REWRITTEN = frozenset({"firewall"})
"""Sections that are not modelled, or not wholly, and that another generation's words are known for all the same."""

_NEW_WORDS = "1.4"
"""The first generation whose words are all in the schema, and that quotes every value in braces."""


class Conversion(NamedTuple):
    """The text, or what the target cannot say. ``notes`` are about what changed, ``copied`` names what did not.

    ``target`` is the generation, or the syntax where that is what cannot say something. ``without_footer``: braces
    that do not say their versions, which a router takes for the oldest.
    """

    text: str
    target: str
    lacking: tuple[Lacking, ...] = ()
    notes: tuple[Note, ...] = ()
    copied: tuple[str, ...] = ()
    without_footer: bool = False


def convert(document: Document, syntax: Syntax, generation: ReportedGeneration | None = None) -> Conversion:
    """The document in ``syntax`` and the words of ``generation``, its own if that is None.

    1.1 is read, not written: such a document becomes one of 1.2.
    """
    source = recognise_generation(document)
    target = generation or reported(source)
    if syntax == document.syntax and source == target:
        return Conversion(document.source.text, target)
    translated = translate(document, target) if source != target else Translated(document.root, [], [])
    notes = tuple(translated.notes)
    if translated.lacking:
        return Conversion("", target, tuple(translated.lacking), notes)
    footer = _footer(document, target, changed=source != target, asked=generation is not None)
    try:
        text = _written(document, translated.root, syntax, target, footer)
    except UnprintableWord as error:
        return Conversion("", f"{syntax} syntax", (_unprintable(translated.root, error),), notes)
    copied = [name for name in unmodelled(upgrade(document).root) if source == target or name not in _REWRITTEN]
    return Conversion(text, target, (), notes, tuple(dict.fromkeys(copied)), syntax == "braces" and footer is None)


def _unprintable(root: Node, error: UnprintableWord) -> Lacking:
    """The last word of the path stays unsaid: it may be a secret."""
    node = root.find(*error.path)
    return Lacking(error.path[:-1], node.span if node is not None else Span(0, 0), error.message)


def unmodelled(root: Node) -> Iterator[str]:
    """The sections of a tree in the newest words that sapper does not model, whether or not they matter to a verdict.

    A word that the schema has not is not repeated below a feature, where it may be a secret in the wrong place: what
    it stands below is named.
    """
    waiting: list[tuple[Node, Word, tuple[str, ...]]] = [(root, SCHEMA, ())]
    while waiting:
        node, word, path = waiting.pop()
        below: list[tuple[Node, Word, tuple[str, ...]]] = []
        for child in node.children.values():
            known = word.instance if word.option.kind == "tag" else word.children.get(child.word)
            here = (*path, child.word)
            if known is None:
                yield " ".join(here if word.open else path)
            elif known.option.standing != "modelled":
                if len(here) <= _SECTION_DEPTH:
                    yield " ".join(here)
            elif known.option.kind in ("node", "tag"):
                below.append((child, known, here))
        waiting += reversed(below)


def _footer(document: Document, target: ReportedGeneration, *, changed: bool, asked: bool) -> Footer | None:
    """The footer of the new text: the old one, or the target's where the words are; None for a fragment of neither."""
    if not changed and document.components:
        return footer_of(document)
    if not document.components and not asked:
        return footer_of(document)
    components = components_for(document, target)
    return Footer(components, target, "vyatta" if target == "1.2" else "vyos")


def _written(
    document: Document, root: Node, syntax: Syntax, target: ReportedGeneration, footer: Footer | None
) -> str:
    known = (shape_of, older_shape) if target >= _NEW_WORDS else (older_shape, shape_of)
    shape = either(*known, written_shape(document), foreign_shape(document, root))
    if syntax == document.syntax:
        patched = patch(document, root, shape)
        if patched is not None:
            return _with_footer(patched, footer) if syntax == "braces" else patched
    return _printed(root, syntax, shape, target, footer)


def _printed(root: Node, syntax: Syntax, shape: Shape, target: ReportedGeneration, footer: Footer | None) -> str:
    if syntax == "json":
        return print_json(root, shape)
    if syntax == "set":
        return print_set(root, shape)
    return print_braces(root, shape, footer, quotes="always" if target >= _NEW_WORDS else "needed")


def _with_footer(text: str, footer: Footer | None) -> str:
    """The text with this footer in the place of its own, or behind it."""
    found = list(_FOOTER.finditer(text))
    if footer is None:
        return text
    body = text[: found[-1].start()] if found else f"{text.rstrip()}\n\n\n"
    return body + print_footer(footer).replace("\n", new_line(text))
