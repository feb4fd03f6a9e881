"""Where an option of a tunnel, a VLAN or a policy's rule stands in the text."""

from __future__ import annotations

from sapper.config.tree import Span
from sapper.model.branch import first_span
from sapper.rules.subject import Subject


def value_place(subject: Subject, path: str, *words: str) -> tuple[Span, bool]:
    """The value in force of the leaf ``words`` below ``path``, and True; the first word of ``path`` and False
    where no such value is written.
    """
    branch = subject.top.below(*path.split())
    if branch is None:
        return Span(0, 0), False
    value = branch.in_force(*words)
    return (value.span, True) if value is not None else (first_span(branch.node), False)
