"""``make findings``: the leak findings' bad examples on a real kernel, and what becomes of each when it is mended.

For every finding that a pair of routers can show: the bad example and its far end are driven through the lifecycle, the
property it is about has to be seen broken on the wire; then both ends are mended by ``sapper fix`` (where a selector or
a trap is wrong, after that has been put right as the good example says), driven again, and have to be quiet. Prints
one table.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Literal, NamedTuple

from sapper.cli.failure import FINDINGS, INTERRUPTED, SYSTEM, Failure
from sapper.cli.lab import progress
from sapper.cli.terminal import print_lines
from sapper.config.read import read
from sapper.fix.mend import Unmendable, mend
from sapper.lab.guest import exit_on_sigterm
from sapper.lab.pairing import End
from sapper.lab.parallel import run_pairs
from sapper.lab.result import LabRun, TunnelState
from sapper.lab.run import Setup, prepare
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.lifecycle import STATES
from sapper.render.line import Line, Piece, aligned, line
from sapper.rules.check import subject_of
from sapper.rules.leak_example import far_end
from sapper.rules.register import RULES
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

Property = Literal["confidentiality", "no-bypass", "authenticity"]


class Exhibit(NamedTuple):
    """``nat``: a NAT box stands in front of this router. ``by_example``: mended as the good example says."""

    code: str
    about: Property
    nat: str | None = None
    by_example: bool = False


EXHIBITS = (
    Exhibit("LEAK101", "confidentiality"),
    Exhibit("LEAK102", "no-bypass"),
    Exhibit("LEAK103", "authenticity"),
    Exhibit("LEAK104", "confidentiality"),
    Exhibit("LEAK105", "confidentiality", by_example=True),
    Exhibit("LEAK106", "confidentiality"),
    Exhibit("LEAK107", "confidentiality", by_example=True),
    Exhibit("LEAK108", "confidentiality", by_example=True),
    Exhibit("LEAK109", "confidentiality", by_example=True),
    Exhibit("LEAK116", "authenticity"),
)
STATES_SHOWN = frozenset(STATES) - {"crashed", "restarted", "expired"}


class Case(NamedTuple):
    exhibit: Exhibit
    bad: Setup
    mended: Setup
    how: str


def main() -> int:
    """Run every exhibit; 1 if one is not seen, or not quiet when it is mended."""
    started = time.monotonic()

    def say(message: str) -> None:
        progress(f"[{time.monotonic() - started:5.0f} s] {message}")

    try:
        cases = list(exhibits())
        with exit_on_sigterm():
            runs = run_pairs([setup for case in cases for setup in (case.bad, case.mended)], say, STATES_SHOWN)
    except Failure as error:
        progress(str(error))
        return error.status
    except LabUnavailable as error:
        progress(f"sapper findings: {error}")
        return SYSTEM
    except KeyboardInterrupt:
        progress("sapper findings: interrupted")
        return INTERRUPTED
    rows = [Row(case, bad, mended) for case, bad, mended in zip(cases, runs[::2], runs[1::2], strict=True)]
    print_lines([*aligned([HEAD, *(row.cells() for row in rows)]), line(), verdict(rows)])
    return 0 if all(row.holds for row in rows) else FINDINGS


def exhibits() -> Iterator[Case]:
    """Each exhibit, prepared as it stands and mended."""
    rules = {module.RULE.code: module.RULE for module in RULES}
    for exhibit in EXHIBITS:
        yield _case(exhibit, rules[exhibit.code])


def _case(exhibit: Exhibit, rule: Rule) -> Case:
    bad = (rule.bad, rule.far or far_end(rule.bad))
    subjects = _subjects(*bad)
    start = _subjects(rule.good, far_end(rule.good)) if exhibit.by_example else subjects
    try:
        done = mend(start[0], start[1], "auto")
    except Unmendable as error:
        raise LabUnavailable(f"{exhibit.code} cannot be mended: {error}") from None
    texts = [end.text for end in (done.near, done.far) if end is not None]
    how = f"{'as the good example says, and ' if exhibit.by_example else ''}sapper fix: {done.strategy}"
    return Case(
        exhibit,
        _setup(f"{exhibit.code} as it stands", subjects, exhibit.nat),
        _setup(f"{exhibit.code} mended", _subjects(*texts), exhibit.nat),
        how,
    )


def _subjects(*texts: str) -> list[Subject]:
    return [subject_of(read(text, f"{name}.set")) for name, text in zip(("east", "west"), texts, strict=True)]


def _setup(title: str, subjects: list[Subject], nat: str | None) -> Setup:
    first, second = (End(subject.document.source, subject.router) for subject in subjects)
    return prepare(title, first, second, nat)


HEAD: Line = line(
    Piece("finding", "title"),
    Piece("about", "title"),
    Piece("seen", "title"),
    Piece("mended", "title"),
    Piece("seen then", "title"),
)


class Row(NamedTuple):
    """One line of the table; both runs have to agree with what the proof predicts for them."""

    case: Case
    bad: LabRun
    mended: LabRun

    @property
    def witness(self) -> TunnelState | None:
        """The first state in which the property is seen broken."""
        about = self.case.exhibit.about
        return next((state for state in _states(self.bad) if state.seen.get(about) == "refuted"), None)

    @property
    def still(self) -> TunnelState | None:
        """A state in which it is still broken."""
        about = self.case.exhibit.about
        return next((state for state in _states(self.mended) if state.seen.get(about) == "refuted"), None)

    @property
    def works(self) -> bool:
        return all(state.delivered for state in _states(self.mended) if state.state == "up")

    @property
    def holds(self) -> bool:
        agreed = not self.bad.disagreements and not self.mended.disagreements
        quiet = self.still is None or self.still.state == "flushed"
        return self.witness is not None and quiet and self.works and agreed

    def cells(self) -> Line:
        """The row's pieces."""
        exhibit, witness, still = self.case.exhibit, self.witness, self.still
        seen = _counted(witness) if witness is not None else "nothing"
        then = "quiet, works" if self.holds else _counted(still) if still is not None else "not working"
        return line(
            Piece(exhibit.code, "title"),
            exhibit.about,
            Piece(seen, "good" if witness is not None else "bad"),
            self.case.how,
            Piece(then, "good" if self.holds else "bad"),
        )


def _states(run: LabRun) -> Iterator[TunnelState]:
    """Those of the first router, which the finding is about."""
    yield from (state for tunnel in run.tunnels if tunnel.router == "east" for state in tunnel.states)


def _counted(state: TunnelState) -> str:
    counts = (
        (state.clear_outer, "clear tunnel packets"),
        (state.clear_inner, "clear inner packets"),
        (state.decapsulated, "forged packets got in"),
    )
    return f"{state.state}: " + ", ".join(f"{number} {words}" for number, words in counts if number)


def verdict(rows: list[Row]) -> Line:
    """The last line."""
    wrong = [row.case.exhibit.code for row in rows if not row.holds]
    if wrong:
        return line(Piece(f"{len(rows)} findings, not as they should be: {', '.join(wrong)}", "bad"))
    return line(Piece(f"{len(rows)} findings, each seen on the wire, and quiet when mended", "good"))


if __name__ == "__main__":
    sys.exit(main())
