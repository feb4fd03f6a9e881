"""The table of ``make findings``: each finding, what was seen of it on the wire, how it was mended, what was seen then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sapper.lab.exhibits.exhibit import NotShown, Shown
from sapper.lab.exhibits.perform import Seen
from sapper.lab.exhibits.witness import packet_on_the_wire, witness_of
from sapper.lab.result import LabRun, TunnelState
from sapper.render.line import Line, Piece, aligned, line

_LEAKS = frozenset({"confidentiality", "no-bypass", "authenticity"})
HEAD: Line = line(*(Piece(word, "title") for word in ("finding", "about", "seen", "mended", "seen then")))


class Row(NamedTuple):
    """One line; what was run has to agree with what the proof predicts for it, as it stands and mended."""

    seen: Seen

    @property
    def witness(self) -> str | None:
        """What was seen of the finding, None if nothing."""
        bad, exhibit = self.seen.bad, self.seen.case.exhibit
        if isinstance(bad, Shown):
            return bad.words if bad.count else None
        if not isinstance(bad, LabRun):
            return None
        state = next(self._broken(bad), None)
        if state is None:
            return None
        packet = packet_on_the_wire(bad, exhibit.router, state, witness_of(self.seen.case.verdicts, exhibit.about))
        if packet is None:
            return f"{state.state}: {counted(state)}"
        return f"{state.state}: {packet.text}, {packet.number} packets{'' if packet.exact else ' (alike)'}"

    @property
    def still(self) -> str | None:
        """What is still to be seen when it is mended."""
        shown = self.seen.mended_shown
        if shown is not None and shown.count:
            return shown.words
        if self.seen.mended is None:
            return self.seen.failed
        exhibit = self.seen.case.exhibit
        for state in _states(self.seen.mended, exhibit.router):
            # A flush is tampering: only what a finding says of it has to withstand it.
            if state.state == "flushed" and "flushed" not in exhibit.states:
                continue
            if any(_refuted(state, name) for name in _LEAKS):
                return f"{state.state}: {counted(state)}"
        return None

    @property
    def works(self) -> bool:
        """Whether what is mended carries what it should."""
        shown = self.seen.mended_shown
        if self.seen.mended is None:
            return False
        ups = [
            state
            for tunnel in self.seen.mended.tunnels
            if tunnel.router in ("east", "west")
            for state in tunnel.states
            if state.state == "up" and state.sent
        ]
        return bool(ups) and all(state.delivered for state in ups) and (shown is None or shown.works)

    @property
    def contradicted(self) -> int:
        """How often the kernel contradicted the proof: of what is mended at both ends, of what is not at the one that the
        finding is about. The other end may be in order by itself, and yet not work with this one.
        """
        bad = self.seen.bad
        as_it_stands = _states(bad, self.seen.case.exhibit.router) if isinstance(bad, LabRun) else ()
        mended = self.seen.mended.disagreements if self.seen.mended is not None else 0
        return mended + sum(not state.agrees for state in as_it_stands)

    @property
    def holds(self) -> bool:
        return self.witness is not None and self.still is None and self.works and not self.contradicted

    def cells(self) -> Line:
        """The row's pieces."""
        exhibit, witness, still = self.seen.case.exhibit, self.witness, self.still
        then = still or ("not working" if not self.works else "quiet, works")
        if self.contradicted:
            then += f", {self.contradicted} disagreements"
        return line(
            Piece(exhibit.label, "title"),
            exhibit.about,
            Piece(witness or "nothing", "good" if witness else "bad"),
            self.seen.case.how,
            Piece(then, "good" if self.holds else "bad"),
        )

    def _broken(self, run: LabRun) -> Iterator[TunnelState]:
        exhibit = self.seen.case.exhibit
        yield from (state for state in _states(run, exhibit.router) if _refuted(state, exhibit.about))


def _refuted(state: TunnelState, name: str) -> bool:
    return state.seen.get(name) == "refuted"


def _states(run: LabRun, router: str) -> Iterator[TunnelState]:
    yield from (state for tunnel in run.tunnels if tunnel.router == router for state in tunnel.states)


def counted(state: TunnelState) -> str:
    """The clear packets of a state, by kind."""
    counts = (
        (state.clear_outer, "clear tunnel packets"),
        (state.clear_inner, "clear inner packets"),
        (state.decapsulated, "forged packets got in"),
    )
    return ", ".join(f"{number} {words}" for number, words in counts if number) or (
        f"{state.delivered} of {state.sent} delivered"
    )


def table(rows: Sequence[Row], not_shown: Sequence[NotShown]) -> list[Line]:
    """The rows, then the findings that no kernel can show, and the sum."""
    lines = aligned([HEAD, *(row.cells() for row in rows)])
    lines.append(line())
    lines += [line(Piece(item.code, "title"), Piece(f"  not shown: {item.reason}", "faint")) for item in not_shown]
    return [*lines, *([line()] if not_shown else []), _sum(rows)]


def _sum(rows: Sequence[Row]) -> Line:
    wrong = [row.seen.case.exhibit.label for row in rows if not row.holds]
    if wrong:
        return line(Piece(f"{len(rows)} findings, not as they should be: {', '.join(wrong)}", "bad"))
    return line(Piece(f"{len(rows)} findings, each seen on the wire, and quiet when mended", "good"))
