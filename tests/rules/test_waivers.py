"""Waivers take away the finding that they name, where they stand, and nothing else; verdicts stay."""

from __future__ import annotations

import pytest

from sapper.model.directive import Ignore
from sapper.model.project import Project, read_project
from sapper.rules import syn008_idle_waiver
from sapper.rules.check import check_end, check_text, compared, idle_statements
from sapper.rules.report import FileReport

TWO_TUNNELS = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces tunnel tun0 address 10.0.0.1/29
set interfaces tunnel tun0 encapsulation ipip
set interfaces tunnel tun0 parameters ip key 7
set interfaces tunnel tun0 source-address 192.0.2.10
set interfaces tunnel tun0 remote 203.0.113.20
set interfaces tunnel tun1 address 10.0.1.1/29
set interfaces tunnel tun1 encapsulation ipip
set interfaces tunnel tun1 parameters ip key 8
set interfaces tunnel tun1 source-address 192.0.2.10
set interfaces tunnel tun1 remote 203.0.113.21
"""
CODE = "CFG318"


def found(report: FileReport, code: str) -> list[str]:
    return [finding.path for finding in report.findings if finding.code == code]


def test_the_text_has_the_finding_twice() -> None:
    assert len(found(check_text(TWO_TUNNELS, "x"), CODE)) == 2


def test_a_comment_waives_at_its_node_and_below_only() -> None:
    report = check_text(TWO_TUNNELS + f'comment interfaces tunnel tun0 "sapper: ignore {CODE} it goes"\n', "x")

    assert [path.split()[2] for path in found(report, CODE)] == ["tun1"]
    assert [(waived.code, waived.path.split()[2], waived.reason) for waived in report.waived] == [
        (CODE, "tun0", "it goes")
    ]
    assert found(report, "SYN008") == []


@pytest.mark.parametrize("path", ["", 'path = "interfaces tunnel"'])
def test_the_project_file_waives_by_path_or_everywhere(path: str) -> None:
    project = read_project(f'[[ignore]]\ncode = "{CODE}"\nreason = "known"\n{path}\n', "sapper.toml")

    assert found(check_text(TWO_TUNNELS, "x", project), CODE) == []


def test_a_router_section_is_for_that_router_alone() -> None:
    text = f'[[router]]\nname = "east"\nignore = [{{code = "{CODE}", reason = "known"}}]\n'
    project = read_project(text, "sapper.toml")

    assert found(check_text(TWO_TUNNELS, "dir/east.set", project), CODE) == []
    assert len(found(check_text(TWO_TUNNELS, "dir/west.set", project), CODE)) == 2


@pytest.mark.parametrize(
    "words", [f"ignore {CODE}", "ignore", "ignore nothing at all", "ignroe CFG318 why", "", "protect 10.1.0.0/64"]
)
def test_what_is_not_understood_is_found_and_waives_nothing(words: str) -> None:
    report = check_text(TWO_TUNNELS + f'comment interfaces tunnel tun0 "sapper: {words}"\n', "x")

    assert len(found(report, "SYN007")) == 1
    assert len(found(report, CODE)) == 2
    assert not report.waived


def test_a_waiver_of_a_waivers_own_finding_does_not_count() -> None:
    comment = 'comment interfaces tunnel tun0 "sapper: ignore SYN008 quiet; sapper: ignore LEAK102 quiet"\n'

    assert len(found(check_text(TWO_TUNNELS + comment, "x"), "SYN008")) == 2


def test_a_waiver_that_waives_nothing_is_a_finding() -> None:
    rule = syn008_idle_waiver.RULE

    assert found(check_text(rule.bad, "x"), "SYN008") == ["interfaces tunnel tun0"]
    assert found(check_text(rule.good, "x"), "SYN008") == []


def test_an_idle_waiver_in_the_project_file_is_one_finding_for_all_texts() -> None:
    text = 'ignore = [\n  {code = "CFG318", reason = "known"},\n  {code = "CFG301", reason = "gone"},\n]\n'
    project = read_project(text, "sapper.toml")
    used: set[Ignore] = set()
    files = compared([check_end(TWO_TUNNELS, name, project) for name in ("east", "west")], used)
    report = idle_statements(project, text, files, used)

    assert report is not None
    assert [(finding.code, finding.line) for finding in report.findings] == [("SYN008", 3)]


def test_verdicts_are_never_waived() -> None:
    text = TWO_TUNNELS + 'comment interfaces tunnel tun0 "sapper: protect; sapper: ignore LEAK101 so what"\n'
    report = check_text(text + "set protocols static route 0.0.0.0/0 next-hop 192.0.2.1\n", "x")
    tun0 = next(tunnel for tunnel in report.tunnels if tunnel.name == "tun0")

    assert found(report, "LEAK101") == []
    assert tun0.protection == "none"
    assert tun0.verdicts["confidentiality"].verdict == "refuted"


def test_without_a_word_to_sapper_nothing_is_demanded() -> None:
    report = check_text(TWO_TUNNELS, "x", Project())

    assert {tunnel.verdicts["confidentiality"].verdict for tunnel in report.tunnels} == {"not-applicable"}
