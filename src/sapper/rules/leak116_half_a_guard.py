"""LEAK116: a guard that stops what leaves in clear, and lets in what came in clear."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.ends import ends_of
from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import judged
from sapper.rules.leak_example import WAN, WAN_GUARD_IN, WAN_GUARD_OUT
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK116",
    title="a guard without its inbound half",
    severity="warning",
    why=(
        "The rule on the way out keeps the tunnel's packets in. On the way in nothing asks for ESP while there is "
        "no SA: forged packets of the far end are decapsulated. The inbound half is a rule in the input chain "
        "with match-none-in for the same protocol and source."
    ),
    reference="the kernel notes on guards",
    lab="Nothing leaves in clear, and five of five forged packets arrive inside.",
    bad=WAN + WAN_GUARD_OUT,
    good=WAN + WAN_GUARD_OUT + WAN_GUARD_IN,
)


def find(subject: Subject) -> Iterator[Finding]:
    plan = subject.plan
    if plan is None or not plan.guards:
        return
    for entry, verdicts in judged(subject):
        ends = ends_of(entry.link) if entry.link is not None else None
        if ends is None or verdicts["authenticity"].verdict != "refuted":
            continue
        outward = [
            guard
            for guard in plan.guards
            if guard.hook == "output"
            and all(guard.destination is None or remote in guard.destination for remote in ends.remotes)
        ]
        if outward:
            origin = origin_of(subject.router, entry.name)
            message = (
                f"{entry.name}: {outward[0].name} guards the way out only; what comes in plain is decapsulated"
            )
            yield RULE.finding(message, origin.path, origin.span)
