"""The report of ``sapper check`` for people: verdicts of every tunnel, the witness of what fails, the findings.

An ``unknown`` is never shown in the colour of a proof. Findings are ``path:line:column: severity CODE message``, a form
that editors follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sapper.proof.verdict import PropertyVerdict, TunnelVerdicts, Witness
from sapper.render.line import Line, Piece, Role, aligned, line
from sapper.rules.check import SEVERITIES, UNREADABLE
from sapper.rules.finding import Fix
from sapper.rules.report import CheckReport, FileReport, FindingReport

VERDICT_ROLES: dict[str, Role] = {
    "proved": "good",
    "refuted": "bad",
    "unknown": "doubt",
    "not-applicable": "faint",
}
_PLURALS = {"error": "errors", "warning": "warnings", "info": "info"}
_SEVERITY_ROLES: dict[str, Role] = {"error": "bad", "warning": "doubt", "info": "note"}


def check_lines(report: CheckReport) -> list[Line]:
    """The whole report, files in order, a summary last."""
    lines: list[Line] = []
    for file in report.files:
        lines.extend(_file(file))
    lines.append(summary(report))
    return lines


def summary(report: CheckReport) -> Line:
    """One line that counts files, verdicts and findings."""
    verdicts = [verdict for file in report.files for tunnel in file.tunnels for verdict in tunnel.verdicts.values()]
    words = Counter(verdict.verdict for verdict in verdicts)
    severities = Counter(finding.severity for file in report.files for finding in file.findings)
    unread = sum(finding.code == UNREADABLE for file in report.files for finding in file.findings)
    waived = sum(len(file.waived) for file in report.files)
    parts = [_counted(sum(file.syntax is not None for file in report.files) + unread, "file")]
    if unread:
        parts.append(f"{unread} unreadable")
    parts.append(", ".join(f"{words[word]} {word}" for word in ("proved", "refuted")))
    parts.append(f"{words['unknown']} unknown")
    parts.append(", ".join(_counted(severities[word], word, _PLURALS[word]) for word in SEVERITIES))
    if waived:
        parts.append(f"{waived} waived")
    return line(Piece("; ".join(parts), "title"))


def _counted(count: int, noun: str, plural: str | None = None) -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def _file(report: FileReport) -> Iterator[Line]:
    if report.syntax is not None:
        yield line(
            Piece(report.path, "title"), Piece(f"  {report.syntax}, generation {report.generation}", "faint")
        )
        if report.unmodelled:
            yield line(Piece(f"  not modelled: {', '.join(report.unmodelled)}", "doubt"))
        if not report.tunnels:
            yield line(Piece("  no tunnel", "faint"))
        for tunnel in report.tunnels:
            yield from _tunnel(tunnel)
        yield line()
    for finding in report.findings:
        yield from _finding(report.path, finding)
    if report.findings:
        yield line()


def _tunnel(tunnel: TunnelVerdicts) -> Iterator[Line]:
    yield line("  ", Piece(tunnel.name, "title"), f"  {tunnel.encapsulation}, protection {tunnel.protection}")
    rows = [_verdict_row(name, verdict) for name, verdict in tunnel.verdicts.items()]
    yield from aligned(rows)
    for name, verdict in tunnel.verdicts.items():
        if verdict.witness is not None:
            yield from _witness(name, verdict, verdict.witness)
    seen: set[str] = set()
    for verdict in tunnel.verdicts.values():
        for assumption in verdict.assumptions:
            if assumption not in seen:
                seen.add(assumption)
                yield line(Piece(f"    assumed: {assumption}", "faint"))


def _verdict_row(name: str, verdict: PropertyVerdict) -> Line:
    detail = []
    if verdict.failing_states:
        detail.append("in " + ", ".join(verdict.failing_states))
    elif verdict.verdict == "proved":
        classes = _counted(verdict.classes, "packet class", "packet classes")
        detail.append(f"{_counted(verdict.states, 'state')}, {classes}")
    if verdict.tampering:
        detail.append("after tampering: " + ", ".join(verdict.tampering))
    if verdict.reason:
        detail.append(verdict.reason)
    role = VERDICT_ROLES[verdict.verdict]
    return line(f"    {name}", Piece(verdict.verdict, role), Piece("; ".join(detail)))


def _witness(name: str, verdict: PropertyVerdict, witness: Witness) -> Iterator[Line]:
    situation = ", ".join(filter(None, (witness.state, witness.cause, witness.variant, witness.network)))
    packet = witness.packet
    if verdict.verdict == "proved":
        yield line(Piece(f"    {name} after tampering, in {situation}:", "doubt"))
    else:
        yield line(Piece(f"    {name} fails in {situation}:", "bad"))
    if witness.events:
        yield line(f"      events  {'; '.join(witness.events)}")
    if packet.dst != "any":
        yield line(f"      packet  {packet.src} -> {packet.dst} {packet.protocol}, in {packet.in_}")
    for step in witness.trace[:-1]:
        yield line(Piece(f"      {step}", "faint"))
    for step in witness.trace[-1:]:
        yield line(Piece(f"      {step}", "bad"))


def _finding(path: str, finding: FindingReport) -> Iterator[Line]:
    role = _SEVERITY_ROLES[finding.severity]
    yield line(
        Piece(f"{path}:{finding.line}:{finding.column}: ", "title"),
        Piece(f"{finding.severity} {finding.code}", role),
        f" {finding.message}",
    )
    for fix in finding.fixes:
        if fix.language == "vyos":
            yield from _fix(fix)


def _fix(fix: Fix) -> Iterator[Line]:
    yield line(Piece(f"    fix: {fix.title}", "note"))
    for command in fix.commands:
        yield line(f"      {command}")
    for command in fix.peer_commands:
        yield line(f"      at the peer: {command}")
