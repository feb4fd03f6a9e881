"""A text that was read to the Router that everybody means: upgraded, built, and with what a person states about it.

Statements come from the comments in the text and from the ``sapper.toml`` that it belongs to. ``check``, ``fix`` and
the lab make their Routers here, so that what is predicted on a kernel is what was proved.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import NamedTuple

import msgspec

from sapper.config.tree import Document
from sapper.config.upgrade import Upgraded, upgrade
from sapper.model.build import Built, build
from sapper.model.directive import Directives, directives_of
from sapper.model.project import Project, release_of

_ALONE = Project()


class OfDocument(NamedTuple):
    """``built.router`` has the name of the file without its ending."""

    upgraded: Upgraded
    built: Built
    directives: Directives


def of_document(document: Document, project: Project = _ALONE) -> OfDocument:
    """The Router of a text, with the steps that it was made in. Never raises for what the text says."""
    name = PurePath(document.source.path).stem
    directives = directives_of(document)
    upgraded = upgrade(document, release_of(project.target(name)))
    built = build(upgraded.root, upgraded.generation, name)
    stated = directives.stated.with_more(project.stated(name))
    built = built._replace(router=msgspec.structs.replace(built.router, stated=stated))
    return OfDocument(upgraded, built, directives)
