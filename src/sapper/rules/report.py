"""The records of the document "sapper/check/1": their names and order are the stable surface."""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.config.tree import Source, Syntax
from sapper.proof.verdict import TunnelVerdicts
from sapper.rules.finding import Finding, Fix, Severity


class FindingReport(msgspec.Struct, frozen=True, kw_only=True):
    """A finding with its place for people: lines and columns count from 1, the end is exclusive."""

    code: str
    severity: Severity
    message: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    fixes: tuple[Fix, ...] = ()


class WaivedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that a waiver takes away, and the waiver's reason."""

    code: str
    path: str
    reason: str


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """One input. ``syntax`` None: it could not be read, and the one finding says why; or it is no configuration but
    ``sapper.toml``, and the findings are about its waivers.
    """

    path: str
    syntax: Syntax | None = None
    generation: str | None = None
    unmodelled: tuple[str, ...] = ()
    tunnels: tuple[TunnelVerdicts, ...] = ()
    findings: tuple[FindingReport, ...] = ()
    waived: tuple[WaivedFinding, ...] = ()


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document."""

    schema: Literal["sapper/check/1"] = "sapper/check/1"
    files: tuple[FileReport, ...] = ()


def placed(finding: Finding, source: Source) -> FindingReport:
    """A finding with its place in lines and columns."""
    start, end = source.place(finding.span.start), source.place(finding.span.end)
    return FindingReport(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        path=finding.path,
        line=start.line,
        column=start.column,
        end_line=end.line,
        end_column=end.column,
        fixes=finding.fixes,
    )
