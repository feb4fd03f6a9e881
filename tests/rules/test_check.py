"""What makes a check fail, and what selecting findings can and cannot hide."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapper.proof.verdict import PropertyVerdict, TunnelVerdicts, VerdictWord
from sapper.rules import leak101_clear_outer, leak102_bypass
from sapper.rules.check import check_text, fails, selected, status, unexplained
from sapper.rules.finding import Severity
from sapper.rules.report import CheckReport, FileReport, FindingReport


def file_with(verdict: PropertyVerdict | None = None, severity: Severity | None = None) -> FileReport:
    tunnels: tuple[TunnelVerdicts, ...] = ()
    if verdict is not None:
        tunnels = (
            TunnelVerdicts(name="tun0", encapsulation="gre", protection="ipsec", verdicts={"liveness": verdict}),
        )
    findings: tuple[FindingReport, ...] = ()
    if severity is not None:
        findings = (
            FindingReport(
                code="CFG311", severity=severity, message="m", path="", line=1, column=1, end_line=1, end_column=1
            ),
        )
    return FileReport(path="f", syntax="set", generation="1.4", tunnels=tunnels, findings=findings)


@pytest.mark.parametrize(
    ("word", "reason", "expected"),
    [
        ("proved", None, False),
        ("not-applicable", "no protection", False),
        ("refuted", None, True),
        ("unknown", "not modelled: protocols bgp", True),
        ("unknown", None, True),
        ("refuted", "a size that does not fit", True),
    ],
)
def test_which_verdicts_fail(word: VerdictWord, reason: str | None, expected: bool) -> None:
    verdict = PropertyVerdict(verdict=word, reason=reason)
    assert fails(verdict) is expected
    assert status(CheckReport(files=(file_with(verdict),)), "error") == int(expected)
    assert bool(list(unexplained(file_with(verdict)))) is expected


@pytest.mark.parametrize("fail_on", ["error", "warning", "info"])
@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_findings_fail_from_the_severity_asked_for(fail_on: Severity, severity: Severity) -> None:
    order = ["info", "warning", "error"]
    expected = order.index(severity) >= order.index(fail_on)
    assert status(CheckReport(files=(file_with(severity=severity),)), fail_on) == int(expected)


def test_one_bad_file_is_enough() -> None:
    bad = file_with(PropertyVerdict(verdict="refuted"))
    assert status(CheckReport(files=(file_with(), bad, file_with())), "error") == 1


def test_selection_keeps_verdicts_and_unreadable_files() -> None:
    report = file_with(PropertyVerdict(verdict="refuted"), "error")
    assert selected(report, (), ("CFG",)) == msgspec.structs.replace(report, findings=())
    assert selected(report, ("LEAK",), ()) == msgspec.structs.replace(report, findings=())
    assert selected(report, ("CFG3",), ("CFG312",)) == report
    unread = check_text("no configuration at all", "f")
    assert unread.syntax is None
    assert selected(unread, ("LEAK",), ("SYN",)) == unread
    assert unread.findings[0].code == "SYN000"


TEXTS = [path.read_text() for path in sorted((Path(__file__).parents[1] / "articles").glob("*.*t"))]
TEXTS += [leak101_clear_outer.RULE.good, leak102_bypass.RULE.good]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_a_damaged_text_is_reported_and_never_breaks_the_check(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    put = data.draw(st.sampled_from(["", "{", "}", "'", '"', "\n", " ", "0", "::", "/33", "set ", "-1", "eth0"]))
    damaged = text[:start] + put + text[end:]
    report = check_text(damaged, "damaged")
    lines = damaged.count("\n") + 1
    for finding in report.findings:
        assert 1 <= finding.line <= finding.end_line <= lines
        assert finding.column >= 1
    assert msgspec.json.decode(msgspec.json.encode(report), type=FileReport) == report


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_two_lines_exchanged_or_dropped_are_checked(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(TEXTS)).splitlines()
    kept = data.draw(st.lists(st.sampled_from(lines), max_size=len(lines)))
    check_text("\n".join(kept) + "\n", "shuffled")
