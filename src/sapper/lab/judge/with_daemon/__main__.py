"""``python -m sapper.lab.judge.with_daemon``: plays random histories of real daemons against the model.

Exit status 1 if the kernel contradicts the model anywhere, 3 if no guest can be booted.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import msgspec

from sapper.lab.guest import Guest, exit_on_sigterm
from sapper.lab.judge.with_daemon.case import load, save
from sapper.lab.judge.with_daemon.play import Disagreement, play_one
from sapper.lab.judge.with_daemon.run import run, warm_up
from sapper.lab.unavailable import LabUnavailable


def main(words: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="judge --daemon", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="how long (default: 1)")
    parser.add_argument("--cases", type=int, default=None, help="stop after so many cases")
    parser.add_argument("--seed", default=None, help="what the cases are drawn from (default: the time)")
    parser.add_argument("--guests", type=int, default=1, help="guests at a time (default: 1)")
    parser.add_argument("--keep", type=Path, default=None, help="write each disagreement below this directory")
    parser.add_argument("--replay", type=Path, nargs="*", help="play the cases that these directories keep")
    parser.add_argument("--kernel", default=None, help="the guest's kernel, as of sapper lab run --kernel")
    options = parser.parse_args(words)
    try:
        with exit_on_sigterm():
            return _replay(options.replay, options.kernel) if options.replay else _judge(options)
    except LabUnavailable as error:
        print(error, file=sys.stderr)
        return 3


def _told(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _judge(options: argparse.Namespace) -> int:
    seed = options.seed or time.strftime("%Y%m%d-%H%M%S")
    print(f"seed           {seed}", flush=True)
    tally = run(
        seed,
        options.minutes,
        _told,
        guests=options.guests,
        cases=options.cases,
        new_guest=lambda progress: Guest(progress=progress, kernel=options.kernel),
    )
    print("\n".join(tally.lines()))
    for number, found in enumerate(tally.disagreements, 1):
        print(f"\n{found.case}\n  after event {found.step}: {found.what}")
        if options.keep is not None:
            _keep(found, options.keep / f"{seed}-{number}")
    if options.keep is not None:
        for number, found in enumerate(tally.unsteady, 1):
            _keep(found, options.keep / f"{seed}-unsteady-{number}")
    return 1 if tally.disagreements else 0


def _keep(found: Disagreement, directory: Path) -> None:
    save(msgspec.structs.replace(found.case, learnt=f"after event {found.step}: {found.what}"), directory)
    (directory / "daemons.log").write_text(found.log)


def _replay(directories: list[Path], kernel: str | None) -> int:
    failed = 0
    with Guest(progress=_told, kernel=kernel) as guest:
        warm_up(guest)
        for directory in directories:
            outcome = play_one(guest, load(directory))
            found = outcome.disagreement
            print(f"{outcome.case}: {'agrees' if found is None else f'after event {found.step}: {found.what}'}")
            failed += found is not None
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
