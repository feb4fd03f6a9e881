"""``python -m sapper.lab.judge``: random networks on a guest kernel, compared with the model, for so many minutes.

Exit status: 0 no disagreement, 1 the kernel contradicted the model, 2 a bad command line, 3 no kernel to ask, 130
interrupted (with the score so far).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Self

import msgspec

from sapper.lab.guest import Guest
from sapper.lab.judge.case import Case, decode, encode
from sapper.lab.judge.court import AGENT, Judged, judge_for, judged
from sapper.lab.judge.generate import generate
from sapper.lab.judge.score import Score, Wrong, told
from sapper.lab.judge.shrink import only, shrink
from sapper.lab.judge.with_daemon.__main__ import main as with_daemon
from sapper.lab.unavailable import LabUnavailable

_PROGRESS_S = 30.0
_SHOWN = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; ``--daemon`` goes to the judge with real IKE daemons."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if "--daemon" in words:
        return with_daemon([word for word in words if word != "--daemon"])
    asked = _parser().parse_args(arguments)
    cases = []
    for name in asked.replay:
        try:
            cases.append(decode(Path(name).read_bytes()))
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else f"not a case: {error}"
            print(f"sapper.lab.judge: {name}: {why}", file=sys.stderr)
            return 2
    seed = asked.seed if asked.seed is not None else int(time.time())
    print(f"seed {seed}" if not cases else f"{len(cases)} kept cases", flush=True)
    wanted: Iterable[Case] = cases or islice(map(generate, count(seed)), asked.cases)
    score, started = Score(), time.monotonic()
    try:
        start = partial(_started, asked.kernel)
        seconds = judge_for(start, wanted, asked.minutes * 60, _reporter(score), score.hang)
        if score.wrong:
            with start() as court:
                score.ask_again(lambda networks: judged(court, networks))
                print("\n".join(score.lines(seconds, whole=not cases)), flush=True)
                _show(court, score, Path(asked.keep) if asked.keep else None)
        else:
            print("\n".join(score.lines(seconds, whole=not cases)), flush=True)
    except KeyboardInterrupt:
        print("\n".join(score.lines(time.monotonic() - started, whole=not cases)), flush=True)
        return 130
    except LabUnavailable as error:
        print(f"sapper.lab.judge: {error}", file=sys.stderr)
        return 3
    return 1 if score.wrong else 0


def _started(kernel: str | None) -> Guest:
    return _Court(agent_module=AGENT, kernel=kernel, progress=_tell)


class _Court(Guest):
    """A guest that says which kernel it has."""

    def __enter__(self) -> Self:
        court = super().__enter__()
        print(f"kernel {court.kernel}", flush=True)
        return court


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sapper.lab.judge", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="stop after so many minutes (default 5)")
    parser.add_argument("--seed", type=int, help="the first network's seed; the next ones count up from it")
    parser.add_argument("--cases", type=int, help="stop after so many networks")
    parser.add_argument("--kernel", help="the guest's kernel, as of sapper lab run --kernel")
    parser.add_argument("--keep", metavar="DIR", help="shrink each kind of disagreement and write it there")
    parser.add_argument("replay", nargs="*", metavar="FILE", help="judge these kept cases instead of random ones")
    return parser


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _reporter(score: Score) -> Callable[[Judged], None]:
    """Adds up, says how far it is, and tells the first disagreement of each kind at once."""
    started = last = time.monotonic()
    told_kinds: set[object] = set()

    def report(one: Judged) -> None:
        nonlocal last
        before = len(score.wrong)
        score.add(one)
        for wrong in score.wrong[before:]:
            if _kind(wrong) not in told_kinds:
                told_kinds.add(_kind(wrong))
                _tell("\n".join(told(*wrong)))
        if time.monotonic() - last > _PROGRESS_S:
            last = time.monotonic()
            _tell(f"{score.cases} cases, {len(score.wrong)} disagreements after {last - started:.0f} s")

    return report


def _show(court: Guest, score: Score, keep: Path | None) -> None:
    """One of each kind of disagreement, as small as it gets if it is to be kept."""
    for wrong in islice(_kinds(score.wrong), _SHOWN if keep is None else None):
        shown = wrong if keep is None else _kept(court, wrong, keep)
        print("\n".join(("", *told(*shown))), flush=True)


def _kept(court: Guest, wrong: Wrong, keep: Path) -> Wrong:
    """The disagreement made small, in a file; as it is where it needs what came before it."""
    alone = only(*wrong)
    if _still(court, wrong, [alone]) == [False]:
        _tell(f"seed {wrong.case.seed}: it does not happen by itself")
        alone = wrong.case
    small = shrink(alone, partial(_still, court, wrong))
    keep.mkdir(parents=True, exist_ok=True)
    (keep / f"seed-{small.seed}-{wrong.what.setting}-{wrong.what.probe}.json").write_bytes(encode(small))
    again = (Wrong(small, item) for one in judged(court, [small]) for item in one.tally.disagreements)
    return next(again, wrong)


def _kind(wrong: Wrong) -> object:
    case, (_, probe, predicted, seen) = wrong
    return (
        case.probes[probe].how,
        frozenset((ending.kind, ending.protected) for ending in predicted),
        frozenset((ending.kind, ending.protected) for ending in seen),
    )


def _kinds(wrong: Iterable[Wrong]) -> Iterator[Wrong]:
    kept = set()
    for item in wrong:
        kind = _kind(item)
        if kind not in kept:
            kept.add(kind)
            yield item


def _still(court: Guest, wrong: Wrong, cases: list[Case]) -> list[bool]:
    """Whether each smaller case has a disagreement of the same kind; another one would lead away from it."""
    kind = _kind(wrong)
    return [
        not one.refused and any(_kind(Wrong(one.case, item)) == kind for item in one.tally.disagreements)
        for one in judged(court, cases)
    ]


if __name__ == "__main__":
    sys.exit(main())
