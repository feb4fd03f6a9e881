"""The make targets: they exist, they set themselves up, and any POSIX shell can run them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
TARGETS = ("demo", "test", "fast", "bench", "docs")
BASHISMS = re.compile(
    r"\[\[|(?:^|[;&|]\s*)(?:source|function|declare|local)\s|<\(|>\(|<<<|\bpipefail\b|&>|==|\$'", re.MULTILINE
)

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def recipe(target: str) -> list[str]:
    """What make would run, as it would hand it to the shell."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("MAKE") and key != "MFLAGS"
    }
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", target],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_sets_itself_up_first(target: str) -> None:
    assert recipe(target)[0].startswith("python3 tools/bootstrap.py ")


@pytest.mark.parametrize("target", [*TARGETS, "help", "lock", "clean"])
def test_any_shell_reads_the_recipes(target: str) -> None:
    lines = "\n".join(recipe(target))
    assert not BASHISMS.search(lines)
    assert subprocess.run(["sh", "-n"], input=lines, text=True, check=False).returncode == 0


def test_the_bashism_search_finds_some() -> None:
    for line in ("[[ -f x ]]", "source x", "cat <(ls)", "test a == b", "set -o pipefail"):
        assert BASHISMS.search(line), line


def test_the_fast_subset_boots_nothing() -> None:
    assert '-m "not lab and not netns and not setup"' in recipe("fast")[-1]
    assert " -m pytest" in recipe("test")[-1]
    assert '-m "' not in recipe("test")[-1]


def test_ci_runs_what_people_run() -> None:
    lines = (CHECKOUT / ".ci" / "run").read_text().splitlines()
    assert lines[-1] == "exec make --no-print-directory test"
