"""``sapper.toml`` beside a configuration or above it, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sapper.__main__ import main

ROUTER = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces tunnel tun0 address 10.0.0.1/29
set interfaces tunnel tun0 encapsulation ipip
set interfaces tunnel tun0 parameters ip key 7
set interfaces tunnel tun0 source-address 192.0.2.10
set interfaces tunnel tun0 remote 203.0.113.20
"""


def check(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    status = main(["check", "--format", "json", *words])
    said = capsys.readouterr()
    return status, json.loads(said.out) if said.out else {}, said.err


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "east.set").write_text(ROUTER)
    return tmp_path


def codes(document: dict[str, Any]) -> set[str]:
    return {finding["code"] for file in document["files"] for finding in file["findings"]}


def test_the_nearest_file_counts(sites: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(sites / "site" / "east.set")
    assert "CFG318" in codes(check(capsys, config)[1])

    (sites / "sapper.toml").write_text('[[ignore]]\ncode = "CFG318"\nreason = "known"\n')
    _, document, _ = check(capsys, config)
    assert "CFG318" not in codes(document)
    assert [waived["reason"] for waived in document["files"][0]["waived"]] == ["known"]

    (sites / "site" / "sapper.toml").write_text("")
    assert "CFG318" in codes(check(capsys, config)[1])


def test_a_file_that_cannot_be_used_is_one_line_and_status_2(
    sites: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (sites / "sapper.toml").write_text('\nprotect = ["10.1.0.0/99"]\n')

    status, document, said = check(capsys, str(sites / "site" / "east.set"))

    assert (status, document) == (2, {})
    assert said.count("\n") == 1
    assert "sapper.toml:2:13: " in said


def test_a_waiver_for_nothing_stands_at_the_project_file(sites: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (sites / "sapper.toml").write_text('ignore = [{code = "CFG301", reason = "old"}]\n')

    status, document, _ = check(capsys, str(sites / "site" / "east.set"))

    assert status == 1
    assert document["files"][-1]["path"].endswith("sapper.toml")
    assert [finding["code"] for finding in document["files"][-1]["findings"]] == ["SYN008"]


def test_the_target_counts_where_the_text_says_nothing(sites: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = sites / "site" / "east.set"
    assert check(capsys, "--target", "1.3", str(config))[1]["files"][0]["generation"] == "1.3"
    config.write_text(ROUTER.replace("source-address", "local-ip"))
    assert check(capsys, "--target", "1.4", str(config))[1]["files"][0]["generation"] == "1.2"


def test_an_unknown_target_is_refused(sites: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, said = check(capsys, "--target", "2.0", str(sites / "site" / "east.set"))

    assert status == 2
    assert "expected a release from 1.2 to 1.5 or a kernel" in said
