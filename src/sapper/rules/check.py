"""``sapper check`` of one text, from its first character to verdicts and findings: the records of the JSON document.

Text goes in and a :class:`FileReport` comes out; nothing is read, printed or remembered here. The names and order
of the fields are the stable surface "sapper/check/1".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

import msgspec

from sapper.config.read import read
from sapper.config.tree import Document, Place, Source, UnreadableText
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import Plan
from sapper.model.directive import Ignore
from sapper.model.of_document import of_document
from sapper.model.project import Project
from sapper.mtu.of_plan import tunnel_sizes
from sapper.proof.prove import prove
from sapper.proof.verdict import PropertyVerdict
from sapper.rules.examine import examine, examine_call, examine_pair, examine_peers
from sapper.rules.finding import Severity
from sapper.rules.pair_liveness import Given, joined
from sapper.rules.pair_peers import PeerEnd, peer_ends, peer_pairs
from sapper.rules.pair_sizes import End, ends_of, pairs
from sapper.rules.pair_wireguard import WireguardEnd, wireguard_ends, wireguard_pairs
from sapper.rules.report import CheckReport, FileReport, FindingReport, placed
from sapper.rules.subject import Subject
from sapper.rules.waive import absent, idle, waive

UNREADABLE = "SYN000"
_FOUND_BY = {"confidentiality": "LEAK101", "no-bypass": "LEAK102"}
_ALONE = Project()
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


class Checked(NamedTuple):
    """A report before any waiver, and what belongs to it that is no part of the document.

    ``ends`` of its tunnels, ``peers`` and the ``plan`` are for comparing; ``waivers`` are its comments', ``stated`` those of ``sapper.toml``.
    """

    report: FileReport
    ends: tuple[End, ...] = ()
    source: Source | None = None
    waivers: tuple[Ignore, ...] = ()
    stated: tuple[Ignore, ...] = ()
    peers: tuple[PeerEnd, ...] = ()
    plan: Plan | None = None
    wireguards: tuple[WireguardEnd, ...] = ()


def check_text(text: str, path: str, project: Project = _ALONE) -> FileReport:
    """Read, upgrade, build, compile, prove and examine one text. Never raises for what the text says."""
    return compared([check_end(text, path, project, paired=False)])[0]


def check_end(text: str, path: str, project: Project = _ALONE, *, paired: bool = True) -> Checked:
    """As :func:`check_text` before waivers, with what :func:`compared` needs if ``paired``."""
    try:
        document = read(text, path)
    except UnreadableText as error:
        return Checked(unreadable(path, error.place, error.message))
    return _check_document(document, project, paired)


def compared(files: Sequence[Checked], used: set[Ignore] | None = None) -> list[FileReport]:
    """The reports, each with what is wrong between a tunnel of it and its far end in another one, less what is waived.

    The waivers of ``sapper.toml`` that waived something are added to ``used``.
    """
    files = _with_far_ends(files)
    more: dict[int, list[FindingReport]] = defaultdict(list)
    for number, near, far in pairs([file.ends for file in files]):
        more[number] += [placed(finding, near.source) for finding in examine_pair(near, far)]
    for number, here, there in peer_pairs([file.peers for file in files]):
        more[number] += [placed(finding, here.source) for finding in examine_peers(here, there)]
    for number, call, calling, called in wireguard_pairs([file.wireguards for file in files]):
        more[number] += [placed(finding, calling.source) for finding in examine_call(call, calling, called)]
    return [
        _waived(
            file, sorted((*file.report.findings, *more[number]), key=_order), used if used is not None else set()
        )
        for number, file in enumerate(files)
    ]


def _with_far_ends(files: Sequence[Checked]) -> list[Checked]:
    """Liveness looked at from both ends, where both are there."""
    given = [Given(file.plan, file.report.tunnels, file.peers) if file.plan is not None else None for file in files]
    out = list(files)
    for number, tunnels in joined(given):
        report = msgspec.structs.replace(out[number].report, tunnels=tunnels)
        out[number] = out[number]._replace(report=report)
    return out


def _waived(file: Checked, findings: list[FindingReport], used: set[Ignore]) -> FileReport:
    if file.source is None:
        return file.report
    kept, taken, at_work = waive(findings, (*file.waivers, *file.stated), file.source)
    used.update(at_work)
    kept = tuple(sorted((*kept, *idle(file.waivers, at_work, file.source)), key=_order))
    return msgspec.structs.replace(file.report, findings=kept, waived=taken)


def idle_statements(
    project: Project, text: str, files: Sequence[FileReport], used: set[Ignore]
) -> FileReport | None:
    """The report of a ``sapper.toml`` whose words do nothing for any of the texts; None if all of them do something."""
    source = Source(project.path, text)
    waivers = [ignore for section in project.sections for ignore in section.ignores]
    tunnels = {tunnel.name for file in files for tunnel in file.tunnels}
    wanted = [name for section in project.sections for name in section.stated.tunnels]
    findings = (*idle(waivers, frozenset(used), source), *absent(wanted, tunnels, source))
    return FileReport(path=project.path, findings=findings) if findings else None


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
    """True if the property is refuted or unknown."""
    return verdict.verdict in ("refuted", "unknown")


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


def subject_of(document: Document, project: Project = _ALONE) -> Subject:
    """Everything that is made of a text: upgraded, built, compiled, proved and measured."""
    upgraded, built, directives = of_document(document, project)
    plan = compile_router(built.router)
    return Subject(
        document=document,
        upgraded=upgraded,
        built=built,
        plan=plan,
        tunnels=prove(plan),
        sizes=tuple(tunnel_sizes(plan, upgraded.generation)),
        directives=directives,
    )


def _check_document(document: Document, project: Project, paired: bool) -> Checked:
    subject = subject_of(document, project)
    report = FileReport(
        path=document.source.path,
        syntax=document.syntax,
        generation=subject.generation,
        unmodelled=subject.router.unmodelled,
        tunnels=subject.tunnels,
        findings=tuple(placed(finding, document.source) for finding in examine(subject)),
    )
    waivers = subject.directives.ignores if subject.directives is not None else ()
    stated = project.ignores(PurePath(document.source.path).stem)
    ends, peers = (ends_of(subject), peer_ends(subject)) if paired else ((), ())
    checked = Checked(report, ends, document.source, waivers, stated, peers, subject.plan if paired else None)
    return checked._replace(wireguards=wireguard_ends(subject)) if paired else checked


def _order(finding: FindingReport) -> tuple[int, int, int, int, str, str]:
    return finding.line, finding.column, finding.end_line, finding.end_column, finding.code, finding.path
