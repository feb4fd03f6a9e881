"""A person's shell, both halves of it without a guest: a terminal that behaves like one, and pipes for scripts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from person import Person

STUB = Path(__file__).with_name("shell_stub.py")
DEADLINE_S = 120.0


def piped(text: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(STUB), *words],
        input=text,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )


def test_lines_on_standard_input_are_run() -> None:
    done = piped("echo one; echo two >&2\nexit 7\n")
    assert (done.stdout, done.stderr, done.returncode) == ("one\n", "two\n", 7)


def test_the_end_of_input_ends_the_shell() -> None:
    assert piped("echo last").stdout == "last\n"
    assert piped("").returncode == 0


def test_a_command_gets_standard_input() -> None:
    assert piped("a\nb\n", "wc -l").stdout.strip() == "2"


def test_much_goes_through_unharmed() -> None:
    text = "".join(f"line {number}\n" for number in range(40_000))
    assert piped(text, "cat").stdout == text


def test_a_shell_that_is_killed_says_so_as_shells_do() -> None:
    assert piped("kill -9 $$\n").returncode == 128 + signal.SIGKILL


def test_what_is_left_in_the_background_does_not_hold_it() -> None:
    assert piped("sleep 20 &\necho done\n").stdout == "done\n"


@pytest.fixture
def person() -> Iterator[Person]:
    found = Person([sys.executable, str(STUB)], DEADLINE_S)
    yield found
    found.leaves()


def test_a_terminal_is_a_terminal(person: Person) -> None:
    person.sees("east# ")
    person.types("tty; stty size\r")
    shown = person.sees("24 80")
    assert "/dev/pts/" in shown
    person.sees("east# ")
    person.resize(50, 132, signal.SIGWINCH)
    person.types("sleep 0.2; stty size\r")
    person.sees("50 132")
    person.sees("east# ")
    person.types("exit 3\r")
    assert person.ends() == 3
    assert person.settings() == person.before


def test_ctrl_c_goes_to_the_router(person: Person) -> None:
    person.sees("east# ")
    person.types("sh -c 'echo go; exec sleep 100'; echo never\r")
    person.sees("go\r\n")
    time.sleep(1.0)  # the shell in between is about to become sleep
    person.types("\x03")
    person.sees("east# ")
    person.types("echo alive=$?\r")
    person.sees("alive=130")
    person.types("\x04")
    assert person.ends() == 0


def test_one_key_leaves_a_shell_that_hangs(person: Person) -> None:
    person.sees("east# ")
    person.types("trap '' INT; sleep 100\r")
    person.sees("sleep 100\r\n")
    person.types("\x1d")
    assert person.ends() == 130
    assert person.settings() == person.before


def test_a_terminal_is_restored_when_the_program_is_ended(person: Person) -> None:
    person.sees("east# ")
    os.kill(person.process.pid, signal.SIGTERM)
    assert person.ends() == 128 + signal.SIGTERM
    assert person.settings() == person.before
