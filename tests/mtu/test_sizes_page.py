"""docs/sizes.md lists the catalogue as the code has it, and its examples run."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from sapper.__main__ import main
from sapper.mtu import register

PAGE = (Path(__file__).parents[2] / "docs" / "sizes.md").read_text()
EXAMPLES = [line.removeprefix("$ sapper ") for line in PAGE.splitlines() if line.startswith("$ sapper ")]


def test_every_layer_and_option_stands_in_the_page() -> None:
    rows = {line.split("|")[1].strip(): line for line in PAGE.splitlines() if line.startswith("| `")}
    for protocol in register.catalogue():
        row = rows[f"`{protocol.word}`"]
        assert f"| {protocol.title} | {protocol.source} |" in row
        assert all(f"`{name}` {what}" in row for name, what in protocol.options.items())


@pytest.mark.parametrize("example", [example for example in EXAMPLES if ".boot" not in example])
def test_the_examples_run(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(shlex.split(example)) == 0
    assert "largest inner packet" in capsys.readouterr().out
