"""The locks name packages and hashes, and nothing about the machine or the index that they were made with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)(?: ; [^\\]+)? \\$")
LOCKS = ("run", "dev")


def text_of(name: str) -> str:
    return (CHECKOUT / "requirements" / f"{name}.txt").read_text()


def pins(name: str) -> dict[str, str]:
    """Package to version, from the lines that are neither hashes nor comments."""
    found = {}
    for line in text_of(name).splitlines():
        if line and not line.startswith((" ", "#")):
            match = PINNED.match(line)
            assert match, f"{name}.txt: not a pinned package: {line}"
            found[match[1]] = match[2]
    return found


def blocks(name: str) -> list[str]:
    return re.split(r"^(?=[a-z0-9])", text_of(name), flags=re.MULTILINE)[1:]


def declared(group: list[str]) -> set[str]:
    return {re.split(r"[<>=!~ ;\[]", entry, maxsplit=1)[0].lower().replace("_", "-") for entry in group}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_no_address_option_or_path(name: str) -> None:
    for line in text_of(name).splitlines():
        assert "://" not in line, line
        assert not line.lstrip().startswith("-") or line.lstrip().startswith("--hash=sha256:"), line
        assert not re.search(r"(^|[ '\"])/|file:|[a-z]\.(org|com|net|io)\b", line), line


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_hashes(name: str) -> None:
    assert len(blocks(name)) == len(pins(name)) > 0
    for block in blocks(name):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block.splitlines()[0]


def test_what_is_tested_is_what_runs() -> None:
    assert pins("run").items() <= pins("dev").items()


def test_the_locks_hold_what_the_project_declares() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    assert declared(project["project"]["dependencies"]) <= pins("run").keys()
    assert declared(project["dependency-groups"]["dev"]) <= pins("dev").keys()
