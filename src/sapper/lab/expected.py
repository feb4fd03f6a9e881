"""What was expected of a step and did not come, in sentences: the file's own words, and the proof's verdicts."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.lab.faults.fault import Saw
from sapper.lab.result import TunnelState, Verdict
from sapper.lab.scenario_file import Expectation, Step


def differences(step: Step, saw: Saw) -> Iterator[str]:
    """Where what the event itself reports is not what the file says."""
    for name, count in step.saw:
        if name not in saw:
            yield f"{step.text} does not report {name}; it reports {', '.join(saw) or 'nothing'}"
        elif (saw[name] is not None) if count is None else not count.holds(saw[name]):
            yield f"{step.text}: {name} is {saw[name]}, expected {count if count is not None else 'unknown'}"


def contradictions(item: Expectation, state: TunnelState, predicted: dict[str, Verdict]) -> Iterator[str]:
    """Where the wire is not as the file says, or as the proof predicts for the row that the file names."""
    numbers = {**msgspec.structs.asdict(state), "clear": state.clear_outer + state.clear_inner}
    for name, count in item.counts:
        if not count.holds(numbers[name]):
            yield f"{name} is {numbers[name]}, expected {count}"
    clear = numbers["clear"]
    holds = {
        "encrypted": state.esp > 0 and not clear,
        "clear": clear > 0,
        "dropped": state.sent > 0 and not state.esp and not clear and not state.delivered,
        "delivered": state.sent == state.delivered > 0,
        "lost": state.sent > 0 == state.delivered,
        "decapsulated": state.injected == state.decapsulated > 0,
        "refused": state.injected > 0 == state.decapsulated,
    }
    shown = f"sent {state.sent}, delivered {state.delivered}, esp {state.esp}, clear {clear}"
    shown += f", injected {state.injected}, decapsulated {state.decapsulated}"
    for word in item.words:
        if not holds[word]:
            yield f"not {word}: {shown}"
    for name, verdict in predicted.items():
        if verdict in ("proved", "refuted") and name in state.seen and state.seen[name] != verdict:
            yield f"{item.row}: the proof says {name} {verdict}, the wire says {state.seen[name]} ({shown})"
