"""The command line itself: what is typed wrong gets one line and exit 2, and every ending has its exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sample_configs import CANONICAL, SAFE_VTI, VTI

from sapper import __version__
from sapper.__main__ import main
from sapper.cli import check as check_command
from sapper.cli.commands import COMMANDS

ONE_LINE_ERRORS = {
    (): "sapper: no command given; 'sapper --help' lists them",
    ("chek",): "sapper: unknown command 'chek'; did you mean 'check'?",
    ("frobnicate",): "sapper: unknown command 'frobnicate'",
    ("--hlp",): "sapper: unknown option '--hlp'; did you mean '--help'?",
    ("check",): "sapper check: the following arguments are required: CONFIG",
    ("check", "--formt", "json", "x"): "sapper check: unknown option '--formt'; did you mean '--format'?",
    ("check", "--form", "json", "x"): "sapper check: unknown option '--form'; did you mean '--format'?",
    ("check", "--format", "jsn", "x"): "sapper check: argument --format: 'jsn' is not known; did you mean 'json'?",
    ("check", "--format", "q", "x"): "sapper check: argument --format: 'q' is not known;"
    " known are text, json, github, sarif",
    ("check", "--format"): "sapper check: argument --format: expected one argument",
    ("check", "--fail-on", "warnings", "x"): "sapper check: argument --fail-on: 'warnings' is not known;"
    " did you mean 'warning'?",
    ("check", "--select", "LEAK1xx!", "x"): "sapper check: argument --select: 'LEAK1XX!' is no code;"
    " codes look like LEAK101 or LEAK",
    ("check", "-x", "x"): "sapper check: unexpected argument '-x'",
    ("check", "nowhere.boot"): "nowhere.boot:1:1: No such file or directory",
    ("lab",): "sapper lab: no command given; known are setup, run, shell, list",
    ("lab", "rnu"): "sapper lab: unknown command 'rnu'; did you mean 'run'?",
    ("lab", "run"): "sapper lab run: the following arguments are required: CONFIG",
    ("lab", "run", "a", "--provider", "kvm"): "sapper lab run: argument --provider: 'kvm' is not known;"
    " did you mean 'vm'?",
    ("lab", "run", "a", "--states", "up,delted"): "sapper lab run: argument --states: 'delted' is not known;"
    " did you mean 'deleted'?",
    ("lab", "setup", "now"): "sapper lab setup: unexpected argument 'now'",
}


@pytest.mark.parametrize("words", ONE_LINE_ERRORS, ids=" ".join)
def test_the_wrong_thing_typed_gets_one_line_and_exit_2(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(words)) == 2
    written = capsys.readouterr()
    assert written.err == ONE_LINE_ERRORS[words] + "\n"
    assert written.out == ""


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    written = capsys.readouterr()
    assert all(f"\n  {name} " in written.out for name in COMMANDS)
    assert written.err == ""


@pytest.mark.parametrize("words", ["check --help", "help check", "lab --help", "lab run --help", "lab setup -h"])
def test_every_command_has_help(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 0
    assert capsys.readouterr().out.lower().startswith("usage: sapper")


def test_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"sapper {__version__}\n"


def test_help_imports_next_to_nothing() -> None:
    listed = "import sys; from sapper.__main__ import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(ran.stderr.split())
    assert not loaded & {"argparse", "msgspec", "re", "rich", "json", "typing", "pathlib", "difflib", "subprocess"}
    assert {name for name in loaded if name.startswith("sapper")} == {
        "sapper",
        "sapper.__main__",
        "sapper.cli",
        "sapper.cli.commands",
        "sapper.cli.failure",
    }


def test_check_without_a_terminal_does_not_import_rich(tmp_path: Path) -> None:
    config = tmp_path / "a.set"
    config.write_text(VTI)
    listed = f"import sys; from sapper.__main__ import main; main(['check', {str(config)!r}]); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True, timeout=60)
    assert not {"rich", "rich.console", "vici", "dpkt"} & set(ran.stdout.splitlines()[-1].split())


def test_an_interruption_is_one_line_and_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(check_command, "run", interrupted)
    assert main(["check", "x"]) == 130
    assert capsys.readouterr().err == "sapper: interrupted\n"


def test_a_bug_is_one_line_without_the_input_and_exit_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SAPPER_DEBUG", raising=False)

    def broken(words: list[str]) -> int:
        raise ValueError("a secret\nand more")

    monkeypatch.setattr(check_command, "run", broken)
    assert main(["check", "x"]) == 3
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert "internal error (ValueError at " in written
    assert "secret" not in written
    monkeypatch.setenv("SAPPER_DEBUG", "1")
    with pytest.raises(ValueError, match="a secret"):
        main(["check", "x"])


@pytest.mark.parametrize(("text", "status"), [(CANONICAL, 1), (SAFE_VTI, 0)])
def test_a_reader_that_goes_away_changes_nothing(text: str, status: int, tmp_path: Path) -> None:
    config = tmp_path / "a.boot"
    config.write_text(text)
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "sapper", "check", str(config)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (status, "")


def test_a_full_disk_is_said_in_one_line(tmp_path: Path) -> None:
    config = tmp_path / "a.set"
    config.write_text(SAFE_VTI)
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "sapper", "check", str(config)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert ran.returncode == 3
    assert ran.stderr == "sapper: cannot write standard output: No space left on device\n"


def test_python_m_sapper_is_the_same_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "sapper", "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == f"sapper {__version__}\n"
