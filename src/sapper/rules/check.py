"""``sapper check`` of one text, from its first character to verdicts and findings: the records of the JSON document.

Text goes in and a :class:`FileReport` comes out; nothing is read, printed or remembered here. The names and order
of the fields are the stable surface "sapper/check/1". A verdict that this version does not examine is ``unknown``
with a reason that starts with :data:`NOT_EXAMINED`; it is shown as unknown, but does not fail a check by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Literal, NamedTuple

import msgspec

from sapper.config.read import read
from sapper.config.tree import Document, Place, Source, Syntax, UnreadableText
from sapper.config.upgrade import upgrade
from sapper.kernel.compile import compile_router
from sapper.model.build import build
from sapper.mtu.of_plan import tunnel_sizes
from sapper.proof.prove import prove
from sapper.proof.verdict import PropertyVerdict, TunnelVerdicts
from sapper.rules.examine import examine, examine_pair
from sapper.rules.finding import Finding, Fix, Severity
from sapper.rules.pair_sizes import End, ends_of, pairs
from sapper.rules.subject import Subject

NOT_EXAMINED = "not examined"
UNREADABLE = "SYN000"
_FOUND_BY = {"confidentiality": "LEAK101", "no-bypass": "LEAK102"}
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


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


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """One input. ``syntax`` None: it could not be read, and the one finding says why."""

    path: str
    syntax: Syntax | None = None
    generation: str | None = None
    unmodelled: tuple[str, ...] = ()
    tunnels: tuple[TunnelVerdicts, ...] = ()
    findings: tuple[FindingReport, ...] = ()


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document."""

    schema: Literal["sapper/check/1"] = "sapper/check/1"
    files: tuple[FileReport, ...] = ()


class Checked(NamedTuple):
    """A report, and the ends of its tunnels, which are for comparing and no part of the document."""

    report: FileReport
    ends: tuple[End, ...] = ()


def check_text(text: str, path: str) -> FileReport:
    """Read, upgrade, build, compile, prove and examine one text. Never raises for what the text says."""
    return check_end(text, path, paired=False).report


def check_end(text: str, path: str, *, paired: bool = True) -> Checked:
    """As :func:`check_text`, with what :func:`compared` needs if ``paired``."""
    try:
        document = read(text, path)
    except UnreadableText as error:
        return Checked(unreadable(path, error.place, error.message))
    return _check_document(document, paired)


def compared(files: Sequence[Checked]) -> list[FileReport]:
    """The reports, each with what is wrong between a tunnel of it and its far end in another one."""
    more: dict[int, list[FindingReport]] = defaultdict(list)
    for number, near, far in pairs([file.ends for file in files]):
        more[number] += [_placed(finding, near.source) for finding in examine_pair(near, far)]
    return [
        msgspec.structs.replace(
            file.report, findings=tuple(sorted((*file.report.findings, *more[number]), key=_order))
        )
        if number in more
        else file.report
        for number, file in enumerate(files)
    ]


def unreadable(path: str, place: Place, message: str) -> FileReport:
    """The report of an input that gave no tree, or no text."""
    finding = FindingReport(
        code=UNREADABLE,
        severity="error",
        message=message,
        path="",
        line=place.line,
        column=place.column,
        end_line=place.line,
        end_column=place.column,
    )
    return FileReport(path=path, findings=(finding,))


def fails(verdict: PropertyVerdict) -> bool:
    """True if the property was examined and is refuted or unknown."""
    if verdict.verdict == "unknown":
        return not (verdict.reason or "").startswith(NOT_EXAMINED)
    return verdict.verdict == "refuted"


def unexplained(file: FileReport) -> Iterator[tuple[str, str, PropertyVerdict]]:
    """Tunnel, property and verdict of each failure that no finding of the report stands for.

    Formats that carry only findings must show these too, or a failed check would look clean.
    """
    found = {finding.code for finding in file.findings}
    for tunnel in file.tunnels:
        for name, verdict in tunnel.verdicts.items():
            if fails(verdict) and (verdict.verdict == "unknown" or _FOUND_BY.get(name) not in found):
                yield tunnel.name, name, verdict


def detail(verdict: PropertyVerdict) -> str:
    """What to say after the verdict's word: the states in which it fails, or the reason."""
    words = [f"in {', '.join(verdict.failing_states)}"] if verdict.failing_states else []
    words += [verdict.reason] if verdict.reason else []
    return ": " + "; ".join(words) if words else ""


def status(report: CheckReport, fail_on: Severity) -> int:
    """1 if a property fails in any file, or a finding is at least as severe as ``fail_on``; else 0."""
    severe = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    for file in report.files:
        verdicts = [verdict for tunnel in file.tunnels for verdict in tunnel.verdicts.values()]
        if any(map(fails, verdicts)) or any(finding.severity in severe for finding in file.findings):
            return 1
    return 0


def selected(report: FileReport, select: tuple[str, ...], ignore: tuple[str, ...]) -> FileReport:
    """Keep the findings whose code starts with one of ``select`` (empty: all) and with none of ``ignore``.

    Verdicts stay as they are, and so does the finding that says that a text could not be read.
    """
    if report.syntax is None:
        return report
    kept = tuple(
        finding
        for finding in report.findings
        if (not select or finding.code.startswith(select)) and not (ignore and finding.code.startswith(ignore))
    )
    return msgspec.structs.replace(report, findings=kept)


def _check_document(document: Document, paired: bool) -> Checked:
    upgraded = upgrade(document)
    built = build(upgraded.root, upgraded.generation, PurePath(document.source.path).stem)
    plan = compile_router(built.router)
    subject = Subject(
        document=document,
        upgraded=upgraded,
        built=built,
        plan=plan,
        tunnels=prove(plan),
        sizes=tuple(tunnel_sizes(plan, upgraded.generation)),
    )
    report = FileReport(
        path=document.source.path,
        syntax=document.syntax,
        generation=upgraded.generation,
        unmodelled=built.router.unmodelled,
        tunnels=subject.tunnels,
        findings=tuple(_placed(finding, document.source) for finding in examine(subject)),
    )
    return Checked(report, ends_of(subject) if paired else ())


def _order(finding: FindingReport) -> tuple[int, int, int, int, str, str]:
    return finding.line, finding.column, finding.end_line, finding.end_column, finding.code, finding.path


def _placed(finding: Finding, source: Source) -> FindingReport:
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
