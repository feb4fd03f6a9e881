"""A scenario and the routers that it is for: names that are not there are one line with a place, before any boot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sapper.__main__ import main
from sapper.cli.lab import prepare_files
from sapper.config.source import UnreadableText
from sapper.lab.play import check
from sapper.lab.run import Setup
from sapper.lab.scenario_file import read_scenario

EXAMPLE = Path(__file__).parents[2] / "examples" / "canonical"
FILES = [str(EXAMPLE / f"{end}.set") for end in ("east", "west")]
UP = "[[step]]\nup = true\n"


@pytest.fixture(scope="module")
def setup() -> Setup:
    return prepare_files(FILES, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[step]]\nload = "nobody"\n', "2:1: there is no router 'nobody'; the routers are east, west"),
        ('[[step]]\nwan-cut = { router = "x" }\n', "2:13: there is no router 'x'"),
        ('[[step]]\nkilled-negotiating = { router = "east", moment = "state", initiator = "x" }\n', "2:59: "),
        (UP + '[[step.expect]]\nrouter = "east"\ntunnel = "tun9"\n', "5:1: east has no protected tunnel 'tun9'"),
        (UP + '[[step.expect]]\nrouter = "x"\n', "4:1: there is no router 'x'"),
        (UP + '[[step.expect]]\nrouter = "east"\nrow = "reloading (before an SA)"\n', "5:1: 'reloading (before"),
    ],
)
def test_what_is_not_there_is_named_with_its_place(setup: Setup, text: str, message: str) -> None:
    with pytest.raises(UnreadableText, match=re.escape(f"s.toml:{message}")):
        check(read_scenario(text, "s.toml"), setup)


def test_a_scenario_that_fits_passes(setup: Setup) -> None:
    check(read_scenario(UP + '[[step.expect]]\nrouter = "east"\ntunnel = "tun0"\nrow = "up"\n', "s.toml"), setup)


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("[[step]]\nup = 3\n", [], "{file}:2:1: up: expected true, not 3"),
        ('nat = "x"\n' + UP, [], "{file}:1:1: nat: there is no router 'x'; the routers are east, west"),
        (UP, ["--states", "up"], "sapper lab run: a scenario has no --states"),
    ],
)
def test_the_command_says_it_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: list[str], message: str
) -> None:
    file = tmp_path / "s.toml"
    file.write_text(text)

    assert main(["lab", "run", *FILES, "--scenario", str(file), *words]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.strip() == message.format(file=file)


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "run", *FILES, "--scenario", str(tmp_path / "none.toml")]) == 2
    assert "No such file" in capsys.readouterr().err
