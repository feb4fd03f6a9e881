"""``sapper check``: what it reads, what it prints in each format, and the exit status."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sample_configs import CANONICAL, SAFE_VTI, SECRET, VTI

from sapper.__main__ import main

BROKEN = "nothing that VyOS would know\n"


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "vti.set").write_text(VTI)
    (tmp_path / "safe.set").write_text(SAFE_VTI)
    (tmp_path / "canonical.boot").write_text(CANONICAL)
    (tmp_path / "broken.boot").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return parsed


def test_a_leak_is_exit_1_and_no_leak_is_exit_0(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "vti.set"]) == 1
    assert "vti.set:3:20: error LEAK102 vti0" in capsys.readouterr().out
    assert main(["check", "safe.set"]) == 0
    assert "1 file; 4 proved, 0 refuted; 0 unknown;" in capsys.readouterr().out


def test_ignoring_a_finding_does_not_waive_the_verdict(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--ignore", "LEAK", "vti.set"]) == 1
    assert "LEAK102" not in capsys.readouterr().out


def test_select_takes_prefixes(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--format", "json", "--select", "leak1,SYN", "canonical.boot"])
    codes = {finding["code"] for finding in document(capsys)["files"][0]["findings"]}
    assert codes
    assert all(code.startswith(("LEAK1", "SYN")) for code in codes)
    main(["check", "--format", "json", "--select", "SEC", "canonical.boot"])
    assert document(capsys)["files"][0]["findings"] == []


def test_fail_on_sets_the_least_severity(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("typo.set").write_text("set interfaces dummy dum0 addres 10.0.0.1/32\n")
    main(["check", "--format", "json", "typo.set"])
    severities = {finding["severity"] for finding in document(capsys)["files"][0]["findings"]}
    assert severities == {"error"}
    assert main(["check", "--fail-on", "error", "typo.set"]) == 1
    assert main(["check", "--ignore", "CFG", "typo.set"]) == 0


def test_one_unreadable_among_several_is_an_entry_and_exit_1(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--format", "json", "safe.set", "broken.boot", "nowhere.set"]) == 1
    files = document(capsys)["files"]
    assert [file["path"] for file in files] == ["safe.set", "broken.boot", "nowhere.set"]
    assert [finding["code"] for file in files[1:] for finding in file["findings"]] == ["SYN000", "SYN000"]
    assert files[1]["syntax"] is None


def test_nothing_readable_is_one_line_each_and_exit_2(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "json", "broken.boot", "nowhere.set"]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    lines = written.err.splitlines()
    assert len(lines) == 2
    assert re.match(r"broken\.boot:1:1: \S", lines[0])
    assert lines[1] == "nowhere.set:1:1: No such file or directory"


def test_a_directory_gives_its_configurations_in_order(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.boot").unlink()
    Path("README.md").write_text("# Notes\n\nTry this:\n\nset interfaces dummy dum0 address 10.0.0.1/32\n")
    Path("picture.png").write_bytes(b"\x89PNG\xff\x00")
    Path(".hidden").write_text(VTI)
    below = Path("below")
    below.mkdir()
    (below / "more.set").write_text("# a comment\n" + SAFE_VTI)
    main(["check", "--format", "json", "."])
    written = capsys.readouterr()
    paths = [file["path"] for file in json.loads(written.out)["files"]]
    assert paths == ["canonical.boot", "safe.set", "vti.set", "below/more.set"]
    assert "README.md: skipped: not a configuration" in written.err
    assert "picture.png: skipped: not a configuration" in written.err
    assert ".hidden" not in written.err


def test_an_empty_directory_cannot_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path}:1:1: no configuration in this directory\n"


def test_standard_input_is_a_dash(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + VTI.encode())))
    assert main(["check", "-"]) == 1
    assert "\n-:3:20: error LEAK102" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_bytes_that_are_no_utf_8_are_read_and_printed_as_escapes(
    directory: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    Path("latin.set").write_bytes(VTI.encode() + b"set interfaces dummy dum0 address \xe4\nset b\xfflah x\n")
    assert main(["check", "latin.set", "--format", form]) == 1
    written = capsys.readouterr().out
    assert written.encode("utf-8")
    assert "xe4" in written or "udce4" in written


def test_a_directory_without_permission_or_an_endless_device_ends(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "/dev/zero"]) == 2
    assert capsys.readouterr().err.startswith("/dev/zero:1:1: this is no text but binary data; expected ")


def test_a_file_name_that_is_no_text_is_printed_all_the_same(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(b"odd\xff.set")
    Path(name).write_text(VTI)
    assert main(["check", "--format", "json", name]) == 1
    assert document(capsys)["files"][0]["path"] == "odd\\xff.set"


def test_control_characters_do_not_reach_the_terminal(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b]0;owned\x07"
    Path("evil.set").write_text(VTI.replace("eth1", f"'eth{evil}'").replace("peer west", f"peer 'w{evil}'"))
    for form in ("text", "github", "json", "sarif"):
        main(["check", "--format", form, "evil.set"])
        written = capsys.readouterr()
        assert "\x1b" not in written.out + written.err
        assert "\x07" not in written.out + written.err


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
@pytest.mark.parametrize("text", [VTI, CANONICAL, CANONICAL[:-40], VTI.replace("secret k", "secrt k")])
def test_the_secret_is_in_no_output(
    form: str, text: str, directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert SECRET in text
    Path("secret.boot").write_text(text)
    main(["check", "--format", form, "secret.boot"])
    written = capfd.readouterr()
    assert SECRET not in written.out + written.err


@pytest.mark.parametrize(
    "text",
    [
        f"{SECRET}\n",
        f"set vpn ipsec authentication psk x secret '{SECRET}\n",
        f"set vpn ipsec authentication psk x secret a {SECRET}\n",
        f"set secret {SECRET}\n",
        f"pre-shared-secret {SECRET}\n}}\n",
        f"vpn {{ ipsec {{ authentication {{ psk x {{ secret '{SECRET}\n",
        f"{{ '{SECRET}\n",
        f"site-to-site {{ peer x {{ authentication {{ pre-shared-secret {SECRET} {{\n",
        f"site-to-site {{ peer x {{ authentication {{ pre-shared-secret {{\n {SECRET} {{\n",
    ],
)
def test_the_secret_is_in_no_message_about_unreadable_text(
    text: str, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("secret.boot").write_text(text)
    main(["check", "secret.boot"])
    written = capsys.readouterr()
    assert SECRET not in written.out + written.err


def test_text_is_coloured_on_a_terminal_only_and_no_color_is_respected(directory: Path) -> None:
    for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        shown = on_a_terminal(["check", "vti.set"], {"TERM": "xterm-256color", **environment})
        assert ("\x1b[" in shown) is coloured
        assert "LEAK102" in shown


def on_a_terminal(words: list[str], environment: dict[str, str]) -> str:
    leader, follower = os.openpty()
    cleaned = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [sys.executable, "-m", "sapper", *words], stdout=follower, env={**cleaned, **environment}, close_fds=True
    ) as process:
        os.close(follower)
        content = b""
        while True:
            try:
                read = os.read(leader, 65536)
            except OSError:
                break
            if not read:
                break
            content += read
        process.wait(60)
    os.close(leader)
    return content.decode()
