"""A rule: what a code means, why it matters, and a bad and a good example of it.

Every rule is a module with ``RULE`` and ``find``; the reference pages, ``explain`` and the tests all read RULE. The
bad example must give the code and the good one must not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from sapper.config.tree import Span
from sapper.rules.finding import Finding, Fix, Severity
from sapper.rules.subject import Subject


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """``title`` is a short noun phrase; ``bad`` and ``good`` are whole texts that sapper can read.

    ``reference`` is the article, RFC or kernel file that it comes from, ``lab`` how a real kernel shows it.
    ``far`` is the text of the far end that both are checked with, for a rule that compares the two ends of a tunnel.
    """

    code: str
    title: str
    severity: Severity
    why: str
    bad: str
    good: str
    far: str | None = None
    reference: str = ""
    lab: str = ""

    def finding(
        self,
        message: str,
        path: str,
        span: Span,
        *,
        severity: Severity | None = None,
        fixes: tuple[Fix, ...] = (),
    ) -> Finding:
        """A finding of this rule; ``severity`` only where it differs from the rule's."""
        return Finding(
            code=self.code,
            severity=severity or self.severity,
            message=message,
            path=path,
            span=span,
            fixes=fixes,
        )


class RuleModule(Protocol):
    """What the register lists. A rule that compares two ends has ``compare`` too, and is in ``PAIR_RULES``."""

    @property
    def __name__(self) -> str: ...

    @property
    def RULE(self) -> Rule: ...  # noqa: N802 - the module's constant

    def find(self, subject: Subject) -> Iterator[Finding]: ...
