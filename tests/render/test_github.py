"""GitHub annotations: escaped, and no failure without one."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from sample_report import NOT_APPLICABLE, PROVED, REFUTED, UNKNOWN, finding, report

from sapper.render.github import github_text
from sapper.rules.report import CheckReport, FileReport

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def test_each_finding_is_an_annotation_with_its_place() -> None:
    lines = github_text(report(confidentiality=REFUTED, liveness=NOT_APPLICABLE)).splitlines()
    assert lines == [
        "::error file=a%2Cb%3Ac%25.boot,line=3,col=2,endLine=5,title=LEAK101::50%25 leaks\\nhere",
        "::warning file=a%2Cb%3Ac%25.boot,line=7,col=2,endLine=7,endColumn=9,title=CFG311::what is wrong",
        "::notice file=a%2Cb%3Ac%25.boot,line=9,col=2,endLine=9,endColumn=9,title=CFG312::what is wrong",
        "::error file=bad.boot,line=4,col=2,endLine=4,endColumn=2,title=SYN000::expected a word",
    ]


def test_a_failed_verdict_without_a_finding_is_an_annotation_too() -> None:
    text = github_text(report(confidentiality=UNKNOWN, no_bypass=REFUTED, authenticity=REFUTED, liveness=PROVED))
    titles = re.findall(r"title=([^:]*)::", text)
    assert titles[3:6] == ["confidentiality unknown", "no-bypass refuted", "authenticity refuted"]
    assert "tun0: in boot, deleted" in text


@given(st.text(), st.text())
def test_no_text_can_start_another_command(path: str, message: str) -> None:
    text = github_text(
        CheckReport(files=(FileReport(path=path, findings=(finding("CFG311", "error", 1, 1, message),)),))
    )
    (only,) = text.splitlines()
    assert COMMAND.fullmatch(only)
