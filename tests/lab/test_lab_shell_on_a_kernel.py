"""``sapper lab shell`` as a whole: a script's answer alone on standard output, and a person at a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from person import Person

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
CANONICAL = ["examples/canonical/east.set", "examples/canonical/west.set"]
COMMAND = [sys.executable, "-m", "sapper", "lab", "shell"]
DEADLINE_S = 240.0


def test_a_script_gets_its_answer_and_the_shells_status() -> None:
    done = subprocess.run(
        [*COMMAND, "west", *CANONICAL],
        input="ip route get 10.1.0.10\nip -s xfrm state | grep -c 'proto esp'\nexit 5\n",
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        cwd=ROOT,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 5, done.stderr
    assert lines[0].startswith("10.1.0.10 dev tun0")
    assert lines[-1] == "2", "in the state up there are two SAs"
    assert "west in the state up" in done.stderr


def test_a_person_has_a_terminal_in_the_state_asked_for() -> None:
    person = Person([*COMMAND, "east", *CANONICAL, "--state", "boot"], DEADLINE_S, cwd=ROOT)
    try:
        person.sees("east# ")
        person.types("ip xfrm state | wc -l; stty size\r")
        shown = person.sees("24 80")
        assert shown.split()[-3:] == ["0", "24", "80"]
        person.types("sh -c 'echo go; exec sleep 100'\r")
        person.sees("go\r\n")
        person.types("\x03")
        person.sees("east# ")
        person.types("echo back=$?\r")
        person.sees("back=130")
        person.types("exit\r")
        assert person.ends() == 0
        assert person.settings() == person.before
    finally:
        person.leaves()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["eats", *CANONICAL], "no router 'eats' here; did you mean 'east'?"),
        (["east", *CANONICAL, "--state", "ups"], "'ups' is not known; did you mean 'up'?"),
        (["east", "-", CANONICAL[1]], "standard input belongs to the shell; give the configurations as files"),
        (["north", *CANONICAL], "no router 'north' here; there are east, "),
        (["east"], "the following arguments are required: CONFIG"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(words: list[str], told: str) -> None:
    done = subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, timeout=DEADLINE_S, cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
