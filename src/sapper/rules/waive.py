"""Waivers at work: which findings a person has said not to mind, and which of the waivers say it for nothing.

A waiver in a comment holds for its node and everything below it, one in ``sapper.toml`` for its path, or for the
whole text where it names none. Verdicts are never waived: a check whose property is refuted fails all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sapper.config.tree import Source, Span
from sapper.model.directive import Ignore
from sapper.rules.report import FindingReport, WaivedFinding, placed
from sapper.rules.syn008_idle_waiver import RULE as IDLE

UNWAIVABLE = frozenset({"SYN000", "SYN007", "SYN008"})
"""What could not be read at all, and what is wrong with a waiver itself."""


def waive(
    findings: Sequence[FindingReport], ignores: Sequence[Ignore], source: Source
) -> tuple[tuple[FindingReport, ...], tuple[WaivedFinding, ...], frozenset[Ignore]]:
    """The findings that stand, those that are waived with the reasons, and the waivers that waived something."""
    kept, waived, used = [], [], set()
    for finding in findings:
        fitting = [ignore for ignore in ignores if _fits(ignore, finding, source)]
        used |= set(fitting)
        if fitting:
            waived.append(WaivedFinding(code=finding.code, path=finding.path, reason=fitting[0].reason))
        else:
            kept.append(finding)
    return tuple(kept), tuple(waived), frozenset(used)


def idle(ignores: Sequence[Ignore], used: frozenset[Ignore], source: Source) -> Iterator[FindingReport]:
    """A finding for each waiver that waives nothing."""
    for ignore in ignores:
        if ignore not in used:
            where = f" at {' '.join(ignore.path)}" if ignore.path else ""
            message = f"this waiver waives nothing: there is no {ignore.code}{where}"
            yield placed(IDLE.finding(message, " ".join(ignore.path), ignore.span), source)


def absent(wanted: Sequence[str], tunnels: set[str], source: Source) -> Iterator[FindingReport]:
    """A finding for each tunnel that ``protect`` names and no configuration has."""
    for name in wanted:
        if name not in tunnels:
            at = max(source.text.find(f'"{name}"'), 0)
            message = f"protect names {name}, and no configuration has a tunnel of that name"
            yield placed(IDLE.finding(message, "", Span(at, at + len(name) + 2)), source)


def _fits(ignore: Ignore, finding: FindingReport, source: Source) -> bool:
    if ignore.code != finding.code or finding.code in UNWAIVABLE:
        return False
    if tuple(finding.path.split())[: len(ignore.path)] == ignore.path:
        return True
    # An upgraded path has newer words than the text; the line that it was written in is the same.
    return ignore.node is not None and source.place(ignore.node.start).line == finding.line
