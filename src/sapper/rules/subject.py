"""What a rule looks at: one text and everything that was made of it, from the tree to the verdicts.

``plan`` and ``tunnels`` are there once the Router has been compiled and proved; the rules about text and
configuration do without them.
"""

from __future__ import annotations

import msgspec

from sapper.config.tree import Document, Node, Span
from sapper.config.upgrade import Note, Upgraded
from sapper.kernel.plan import Plan
from sapper.model.branch import Assumed, Branch
from sapper.model.build import Built
from sapper.model.directive import Directives
from sapper.model.router import Router
from sapper.mtu.of_plan import TunnelSizes
from sapper.proof.verdict import TunnelVerdicts
from sapper.schema.validate import Problem


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """``root`` is the upgraded tree; ``document.root`` the one that was written. ``sizes`` are the Plan's tunnels'."""

    document: Document
    upgraded: Upgraded
    built: Built
    plan: Plan | None = None
    tunnels: tuple[TunnelVerdicts, ...] = ()
    sizes: tuple[TunnelSizes, ...] = ()
    directives: Directives | None = None

    @property
    def root(self) -> Node:
        return self.upgraded.root

    @property
    def generation(self) -> str:
        return self.upgraded.generation

    @property
    def notes(self) -> list[Note]:
        return self.upgraded.notes

    @property
    def router(self) -> Router:
        return self.built.router

    @property
    def defaulted(self) -> list[Assumed]:
        return self.built.defaulted

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.built.problems

    @property
    def verdicts(self) -> tuple[TunnelVerdicts, ...]:
        """The proof's entries, one for each tunnel, VTI or policy-based connection."""
        return self.tunnels

    @property
    def top(self) -> Branch:
        """The upgraded tree, to walk with paths."""
        return Branch((), self.root)

    def line_column(self, span: Span) -> str:
        """Where a span begins, as LINE:COLUMN, for a message about another place."""
        place = self.document.source.place(span.start)
        return f"{place.line}:{place.column}"
