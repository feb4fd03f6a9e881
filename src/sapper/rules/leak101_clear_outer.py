"""LEAK101: what is handed to a tunnel leaves in clear, its outer header and its content visible to anybody.

Linux sends what matches no IPsec policy as it is (RFC 4301 5.1 would discard it), and strongSwan installs no policy
before the SA exists unless the connection is a trap. The proof finds it; this rule gives it a place and a way out.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.leak import Trials, hidden_ends, origin_of, packet_words, proved_fix, refuted
from sapper.rules.leak_example import BLACKHOLE, DUMMY
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK101",
    title="tunnel packets leave in clear",
    severity="error",
    why=(
        "Without an IPsec policy the kernel sends tunnel packets as they are, and the policy comes and goes with the "
        "SA: while the router boots, negotiates, or after a close, whoever listens reads the traffic, and the tunnel "
        "seems to work."
    ),
    reference="the first article, on canonical tunnels; RFC 4301 5.1",
    lab="Five probes into the tunnel leave as clear GRE in boot, after a close and after a stop.",
    bad=DUMMY,
    good=DUMMY + BLACKHOLE,
)


def find(subject: Subject) -> Iterator[Finding]:
    trials = Trials(subject)
    for entry, verdict in refuted(subject, "confidentiality"):
        origin = origin_of(subject.router, entry.name)
        states = ", ".join(verdict.failing_states)
        message = f"{entry.name}: packets leave in clear in {states}; {packet_words(verdict)}"
        hidden = hidden_ends(subject, trials.entry(entry.name))
        fixes = proved_fix(subject, entry.name, "confidentiality", hidden, "blackhole", trials)
        yield RULE.finding(message, origin.path, origin.span, fixes=tuple(fixes))
