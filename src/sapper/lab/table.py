"""The lab's result on a terminal: predicted beside seen.

Several runs become one matrix for each property, a row for each situation and a column for each setup; one run
becomes a row for each situation with its counts. A cell is ``predicted/seen``; situations in which the kernel
contradicted the proof are listed in full below. Whether a situation agrees is the lab's decision, shown here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from sapper.lab.report import joined, versions_of
from sapper.lab.result import LabRun, TunnelRun, TunnelState
from sapper.proof.states.lifecycle import STATES
from sapper.proof.verdict import PROPERTIES
from sapper.render.line import Line, Piece, Role, aligned, line

_ORDER: dict[str, int] = {state: number for number, state in enumerate(STATES)}
_WORSE = ("not-applicable", "proved", "unknown", "refuted")
_SAFE = {"proved": "safe", "unknown": "unknown", "refuted": "leak"}
_WORDS: dict[str, dict[str, str]] = {
    "authenticity": {**_SAFE, "refuted": "open"},
    "liveness": {"proved": "works", "unknown": "unknown", "refuted": "dead"},
}


def table(runs: Sequence[LabRun]) -> list[Line]:
    """The table, what was shortened and assumed, the versions, and the sum as the last line."""
    lines = list(_matrices(runs)) if len(runs) > 1 else [entry for run in runs for entry in _details(run)]
    if len(runs) > 1:
        lines.extend(_disagreements(runs))
    lines.extend(_notes(runs))
    lines.append(_sum(runs))
    return lines


def situation(state: TunnelState) -> str:
    """The state with its cause and variant, as in every report: ``deleted (peer)``."""
    extra = ", ".join(word for word in (state.cause, state.variant) if word)
    return f"{state.state} ({extra})" if extra else state.state


def verdict_word(prop: str, verdict: str | None) -> str:
    """A verdict in one short word for a cell: ``leak``, ``safe``, ``open``, ``works``, ``dead``; ``-`` for none."""
    return _WORDS.get(prop, _SAFE).get(verdict or "", "-")


def contradicts(state: TunnelState, prop: str) -> bool:
    """True if the lab counts this situation as a disagreement and this property is one that differs."""
    pair = {state.predicted.get(prop), state.seen.get(prop)}
    return not state.agrees and pair == {"proved", "refuted"}


def compared(runs: Sequence[LabRun]) -> list[str]:
    """The properties that are both predicted and seen in some situation, in the contract's order."""
    named = {name for _, _, state in _every(runs) for name in state.predicted if name in state.seen}
    return [name for name in PROPERTIES if name in named]


def mentioned(run: LabRun) -> list[str]:
    """The properties that some situation says anything about, in the contract's order."""
    named = {name for _, _, state in _every([run]) for name in (*state.predicted, *state.seen)}
    return [name for name in PROPERTIES if name in named]


def situations(runs: Sequence[LabRun]) -> list[str]:
    """The rows of a comparison of setups, in the order of the lifecycle."""
    found = dict.fromkeys((state.state, common_situation(state)) for _, _, state in _every(runs))
    return [name for _, name in sorted(found, key=lambda pair: _ORDER.get(pair[0], len(_ORDER)))]


def common_situation(state: TunnelState) -> str:
    """The situation without what only one setup has, whether its VTI is raised, so that setups share a row."""
    words = (state.variant or "").split(", ")
    variant = ", ".join(word for word in words if not word.endswith((" raised", " lowered")))
    return situation(msgspec.structs.replace(state, variant=variant or None))


def counts(state: TunnelState) -> str:
    """What was on the wire, in words."""
    found = ((state.esp, "ESP"), (state.clear_outer, "clear outer"), (state.clear_inner, "clear inner"))
    words = [f"{number} {name}" for number, name in found if number] or ["nothing"]
    words.append(f"{state.delivered}/{state.sent} delivered")
    if state.injected:
        words.append(f"{state.decapsulated}/{state.injected} injected got in")
    return ", ".join(words)


def _every(runs: Sequence[LabRun]) -> Iterator[tuple[LabRun, TunnelRun, TunnelState]]:
    for run in runs:
        for tunnel in run.tunnels:
            for state in tunnel.states:
                yield run, tunnel, state


def _matrices(runs: Sequence[LabRun]) -> Iterator[Line]:
    yield line(Piece("Setups", "title"))
    for number, run in enumerate(runs, 1):
        ends = ", ".join(f"{tunnel.router} {tunnel.tunnel}" for tunnel in run.tunnels)
        yield line(f"  {number}  {run.title}", Piece(f"  ({ends})", "faint"))
    for prop in compared(runs):
        yield line()
        rows = [line(Piece(prop, "title"), *(Piece(str(number), "title") for number in range(1, len(runs) + 1)))]
        rows += [line(f"  {name}", *(_cell(run, prop, name) for run in runs)) for name in situations(runs)]
        yield from aligned(rows)
    yield line(
        Piece("Each cell: what the proof predicts / what was on the wire, the worse of both routers.", "faint")
    )
    yield line()


def _cell(run: LabRun, prop: str, name: str) -> Piece:
    states = [state for tunnel in run.tunnels for state in tunnel.states if common_situation(state) == name]
    if not states:
        return Piece("", "faint")
    predicted, seen = (worst([words.get(prop) for words in side]) for side in _sides(states))
    text = f"{verdict_word(prop, predicted)}/{verdict_word(prop, seen)}"
    if any(contradicts(state, prop) for state in states):
        return Piece(f"{text} DISAGREES", "bad")
    return Piece(text, _role(predicted, seen))


def _sides(states: Sequence[TunnelState]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    return [dict(state.predicted) for state in states], [dict(state.seen) for state in states]


def worst(verdicts: Sequence[str | None]) -> str | None:
    """The verdict that decides for several: refuted over unknown over proved."""
    known = [verdict for verdict in verdicts if verdict is not None]
    return max(known, key=_WORSE.index) if known else None


def _role(predicted: str | None, seen: str | None) -> Role:
    if "refuted" in (predicted, seen):
        return "bad"
    if predicted == seen == "proved":
        return "good"
    return "doubt" if "unknown" in (predicted, seen) else "faint"


def _details(run: LabRun) -> Iterator[Line]:
    yield line(Piece(run.title, "title"))
    properties = mentioned(run)
    for tunnel in run.tunnels:
        yield line()
        head = (f"{tunnel.router} {tunnel.tunnel}", *properties, "on the wire", "")
        rows = [line(*(Piece(text, "title") for text in head))]
        rows += [_detail(state, properties) for state in tunnel.states]
        yield from aligned(rows)
    yield line(Piece("Each cell: what the proof predicts / what was on the wire.", "faint"))
    yield line()


def _detail(state: TunnelState, properties: Sequence[str]) -> Line:
    cells = []
    for prop in properties:
        predicted, seen = state.predicted.get(prop), state.seen.get(prop)
        cells.append(Piece(f"{verdict_word(prop, predicted)}/{verdict_word(prop, seen)}", _role(predicted, seen)))
    mark = Piece("✓", "good") if state.agrees else Piece("DISAGREES", "bad")
    clear: Role = "bad" if state.clear_outer or state.clear_inner else "plain"
    return line(f"  {situation(state)}", *cells, Piece(counts(state), clear), mark)


def _disagreements(runs: Sequence[LabRun]) -> Iterator[Line]:
    for run, tunnel, state in _every(runs):
        for prop in PROPERTIES:
            if contradicts(state, prop):
                predicted, seen = state.predicted.get(prop, "nothing"), state.seen.get(prop, "nothing")
                yield line(
                    Piece("DISAGREES ", "bad"),
                    f"{run.title}, {tunnel.router} {tunnel.tunnel}, {situation(state)}: {prop} predicted {predicted},"
                    f" seen {seen}; {counts(state)}",
                )


def _notes(runs: Sequence[LabRun]) -> Iterator[Line]:
    for text in dict.fromkeys(text for run in runs for text in run.shortened):
        yield line(Piece(f"shortened: {text}", "faint"))
    for text in dict.fromkeys(text for run in runs for text in run.assumptions):
        yield line(Piece(f"assumed: {text}", "faint"))
    versions = (
        f"provider {joined(run.provider for run in runs)}",
        f"Linux {joined(run.kernel for run in runs)}",
        joined(run.ike for run in runs),
        f"sapper {joined(run.sapper for run in runs)}",
    )
    yield line(Piece(", ".join(versions), "faint"))
    if exact := versions_of(runs):
        yield line(Piece("on " + ", ".join(f"{name} {version}" for name, version in exact.items()), "faint"))


def _sum(runs: Sequence[LabRun]) -> Line:
    measured = sum(1 for _ in _every(runs))
    wrong = sum(run.disagreements for run in runs)
    word = "disagreement" if wrong == 1 else "disagreements"
    setups = "setup" if len(runs) == 1 else "setups"
    return line(
        Piece(f"{len(runs)} {setups}, {measured} situations, ", "title"),
        Piece(f"{wrong} {word}", "bad" if wrong else "good"),
    )
