"""``make mutations``: delete each fact of the model, one after the other, and see a test turn red.

``facts.toml`` names every fact, where it stands in the code, and a replacement of text that deletes it. Each one is
made in a copy of the source, and the tests that should see it run against that copy, in a child process that has
pytest loaded already. A mutation that no test sees has survived; then the exit status is 1.

    python tests/mutations/run.py [WORD…] [--sample N] [--seed N]

takes only the facts that have one of the words in their sentence, file or tests; ``--sample`` draws N of them.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE = ROOT / "src"
LONGEST_S = 180
"""Seconds after which a run counts as killed: a mutation may make a walk endless."""


class Mutation(NamedTuple):
    """``file`` is below ``src/sapper``; ``old`` stands there exactly once; ``tests`` are files, perhaps with ids."""

    fact: str
    source: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def mutations() -> Iterator[Mutation]:
    """All of the list, in its order. Raises KeyError where a field is missing."""
    listed = tomllib.loads((HERE / "facts.toml").read_text("utf-8"))
    files = listed["files"]
    for fact in listed["fact"]:
        for one in fact["mutation"]:
            tests = tuple(files.get(word, word) for word in one.get("tests", fact["tests"]))
            yield Mutation(fact["says"], fact["source"], one["file"], one["old"], one["new"], tests)


def source_of(mutation: Mutation) -> str:
    """The text of the file that it changes."""
    return (SOURCE / "sapper" / mutation.file).read_text("utf-8")


def mutated(mutation: Mutation) -> str:
    """The file with the fact deleted. Raises ValueError where the text does not stand there exactly once."""
    text = source_of(mutation)
    found = text.count(mutation.old)
    if found != 1:
        raise ValueError(f"{mutation.file}: {mutation.old!r} stands there {found} times, not once")
    return text.replace(mutation.old, mutation.new)


def outcome(mutation: Mutation, copy: Path) -> str:
    """``killed``, ``SURVIVED``, or ``BROKEN`` where the tests could not even be collected, or are red without it."""
    if not _green(mutation.tests, copy):
        return "BROKEN"
    place = copy / "sapper" / mutation.file
    before = place.read_bytes()
    place.write_text(mutated(mutation), "utf-8")
    later = time.time() + 10  # so that no compiled file of the original is taken for it
    os.utime(place, (later, later))
    try:
        return {0: "SURVIVED", 1: "killed", None: "killed (endless)"}.get(_run(mutation.tests, copy), "BROKEN")
    finally:
        place.write_bytes(before)
        os.utime(place, (later - 20, later - 20))


@cache
def _green(tests: tuple[str, ...], copy: Path) -> bool:
    """Whether the tests are green while nothing is deleted."""
    return _run(tests, copy) == 0


def _run(tests: tuple[str, ...], copy: Path) -> int | None:
    """The exit status of pytest in a child; None where it took too long."""
    child = os.fork()
    if child == 0:
        os._exit(_tested(tests, copy))
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _tested(tests: tuple[str, ...], copy: Path) -> int:
    """In the child: the tests against the copy, their words into its log."""
    with (copy / "log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.chdir(ROOT)
    sys.path.insert(0, str(copy))
    sys.dont_write_bytecode = True
    import pytest

    status = int(pytest.main(["-x", "-q", "--no-header", "-p", "no:cacheprovider", "--tb=line", *tests]))
    import sapper

    if not str(sapper.__file__).startswith(str(copy)):
        return 70
    return status


def copied(into: Path) -> Path:
    """A copy of the source, compiled."""
    import compileall

    copy = into / "src"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(copy, quiet=2)
    return copy


def _asked() -> list[Mutation]:
    parser = argparse.ArgumentParser(description="Delete facts of the model and see tests turn red.")
    parser.add_argument("words", nargs="*", help="only facts with one of these words")
    parser.add_argument("--sample", type=int, help="draw that many")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="what to draw them by")
    options = parser.parse_args()
    listed = [one for one in mutations() if not options.words or any(_has(one, word) for word in options.words)]
    if options.sample is None:
        return listed
    print(f"seed {options.seed}")
    return random.Random(options.seed).sample(listed, min(options.sample, len(listed)))


def _has(mutation: Mutation, word: str) -> bool:
    return any(word.lower() in text.lower() for text in (mutation.fact, mutation.file, *mutation.tests))


def main() -> int:
    """Print the table; 1 where one survived or could not be tried."""
    import hypothesis  # noqa: F401  loaded once for all children
    import pytest  # noqa: F401

    asked = _asked()
    bad = 0
    os.environ.setdefault("SAPPER_FAST", "1")
    with tempfile.TemporaryDirectory(prefix="sapper-mutations-") as place:
        copy = copied(Path(place))
        for number, one in enumerate(asked, 1):
            began = time.monotonic()
            word = outcome(one, copy)
            bad += not word.startswith("killed")
            took = time.monotonic() - began
            print(f"{number:3}/{len(asked)}  {word:9} {took:5.1f} s  {one.file:28} {one.fact}", flush=True)
    print(f"{len({one.fact for one in asked})} facts, {len(asked)} mutations, {len(asked) - bad} killed, {bad} not")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
