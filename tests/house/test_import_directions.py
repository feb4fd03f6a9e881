"""The import linter is awake: a copy of the source with one wrong import in it turns the contract red."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
WRONG = {
    "upwards": ("config/tree.py", "import sapper.kernel.plan", "Imports go one way"),
    "rendering reads a lab result": ("render/__init__.py", "import sapper.lab.result", "Imports go one way"),
    "an encapsulation that knows sapper": ("encap/__init__.py", "import sapper.address", "An encapsulation"),
    "a clock in the core": ("kernel/plan.py", "import time", "The core does no input"),
    "a socket in the core": ("model/router.py", "import socket", "The core does no input"),
    "a checker that uses the fast proof": (
        "certificate/members.py",
        "import sapper.proof.over_sets.prove",
        "What checks a certificate",
    ),
    "a room without a place": ("cellar/__init__.py", "", "Imports go one way"),
}


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(directory / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "200",
    }
    command = [str(LINTER), "--no-cache", "--config", str(directory / ".importlinter")]
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "src" / "sapper", tmp_path / "src" / "sapper", ignore=ignored)
    shutil.copy(CHECKOUT / ".importlinter", tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_import_is_seen(case: str, copy: Path) -> None:
    file, line, contract = WRONG[case]
    target = copy / "src" / "sapper" / file
    target.parent.mkdir(exist_ok=True)
    with target.open("a") as source:
        source.write(f"\n{line}\n")
    done = lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract}" in done.stdout
    assert f"{file.split('/')[0]}" in done.stdout


def test_the_source_keeps_the_contract(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr
