"""``sapper fix`` through the command line: output, files, exit status, and nothing written that was not proved."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sapper.__main__ import main

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    for name in ("east", "west"):
        shutil.copy(EXAMPLES / "dummy" / f"{name}.set", tmp_path)
    return [str(tmp_path / f"{name}.set") for name in ("east", "west")]


def test_commands_for_both_ends(pair: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", *pair]) == 0
    said = capsys.readouterr().out

    assert "# strategy dummy: " in said
    assert "set protocols static route 10.10.0.2/32 blackhole" in said
    assert "set protocols static route 10.10.0.1/32 blackhole" in said


def test_written_files_are_proved_and_nothing_is_left_to_fix(
    pair: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path(pair[0]).read_text()
    assert main(["fix", *pair, "--write", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "sapper/fix/1"
    assert [len(end["commands"]) > 0 for end in document["ends"]] == [True, True]
    assert set(before.splitlines()) <= set(Path(pair[0]).read_text().splitlines())

    assert main(["fix", *pair]) == 0
    assert "nothing to fix" in capsys.readouterr().out


def test_a_difference_hides_secrets(pair: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", *pair, "--diff", "--strategy", "vti"]) == 0
    said = capsys.readouterr().out

    assert said.startswith(f"--- {pair[0]}\n+++ {pair[0]}\n@@")
    assert "correct-horse" not in said


def test_what_cannot_be_proved_leaves_the_files_alone(pair: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with Path(pair[0]).open("a") as file:
        file.write("set protocols bgp system-as 65000\n")
    before = [Path(path).read_bytes() for path in pair]

    assert main(["fix", *pair, "--write"]) == 1
    assert "protocols bgp" in capsys.readouterr().err
    assert [Path(path).read_bytes() for path in pair] == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fix", "/nonexistent"], "/nonexistent:1:1: "),
        (["fix", "a", "b", "c"], "a:1:1: "),
        (["fix", "-", "--write"], "sapper fix: --write needs files"),
        (["fix", "--strategy", "gaurd", "x"], "did you mean 'guard'?"),
    ],
)
def test_bad_input_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    assert said in errors
