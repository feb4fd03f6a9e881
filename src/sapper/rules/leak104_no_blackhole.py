"""LEAK104: the far end of a tunnel is known only to the SA, and nothing stops its packets without one."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.leak import Trials, hidden_ends, origin_of, proved_fix
from sapper.rules.leak_cause import judged
from sapper.rules.leak_example import BLACKHOLE, DUMMY
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK104",
    title="no blackhole for a hidden far end",
    severity="warning",
    why=(
        "No route leads to the far dummy address but the one that the daemon installs with the SA. Without the SA "
        "its packets take the default route, to the provider, in clear. A blackhole in the main table is passed "
        "by the daemon's route while the SA is up, and stops the packets when it is not."
    ),
    reference="the first article, on dummy addresses; design facts on table 220",
    lab="The same probes as for LEAK101: with the blackhole nothing leaves in any state but flushed.",
    bad=DUMMY,
    good=DUMMY + BLACKHOLE,
)


def find(subject: Subject) -> Iterator[Finding]:
    trials = Trials(subject)
    for entry, verdicts in judged(subject):
        if verdicts["confidentiality"].verdict != "refuted":
            continue
        hidden = hidden_ends(subject, trials.entry(entry.name))
        fixes = tuple(proved_fix(subject, entry.name, "confidentiality", hidden, "blackhole", trials))
        if fixes:
            origin = origin_of(subject.router, entry.name)
            message = f"{entry.name}: nothing stops packets for {', '.join(map(str, hidden))} while there is no SA"
            yield RULE.finding(message, origin.path, origin.span, fixes=fixes)
