"""LEAK102: traffic for a protected network leaves in clear on another way than its tunnel.

A VTI that goes down takes its routes along, its connected prefix too, and the default route takes over: the tunnel
leaks nothing, the router does. Routes of the worst distance for the same prefixes end that.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Prefix
from sapper.rules.finding import Finding, Fix
from sapper.rules.leak import Trials, hidden_ends, origin_of, packet_words, proved_fix, refuted
from sapper.rules.leak_example import REJECT, VTI
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK102",
    title="protected traffic takes another way",
    severity="error",
    why=(
        "When the interface goes down, its routes go with it. The packets for the far networks then follow the next "
        "best route, most often the default route, to the provider and in clear."
    ),
    reference="the second article, on VTIs",
    lab="With the VTI lowered, probes for the far network leave by the default route, in clear.",
    bad=VTI,
    good=VTI + REJECT,
)


def find(subject: Subject) -> Iterator[Finding]:
    trials = Trials(subject)
    guarded = {route.prefix for route in subject.router.routes if route.kind == "unreachable"}
    for entry, verdict in refuted(subject, "no-bypass"):
        origin = origin_of(subject.router, entry.name)
        states = ", ".join(verdict.failing_states)
        message = f"{entry.name}: protected traffic takes another way in {states}; {packet_words(verdict)}"
        yield RULE.finding(
            message, origin.path, origin.span, fixes=tuple(_fixes(subject, entry.name, guarded, trials))
        )


def _fixes(subject: Subject, name: str, guarded: set[Prefix], trials: Trials) -> Iterator[Fix]:
    entry = trials.entry(name)
    if entry is None:
        return
    missing = [network for network in entry.networks if network not in guarded]
    yield from proved_fix(subject, name, "no-bypass", missing, "unreachable", trials)
    yield from proved_fix(subject, name, "no-bypass", hidden_ends(subject, entry), "blackhole", trials)
