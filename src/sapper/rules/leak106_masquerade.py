"""LEAK106: source NAT takes packets out of the policy that would encrypt them."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import Without, judged
from sapper.rules.leak_example import BLACKHOLE, DUMMY, EXCLUSION, MASQUERADE
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK106",
    title="source NAT without an exclusion",
    severity="error",
    why=(
        "Source NAT comes before encryption, and the kernel looks for a policy again with the new address. A "
        "masquerade rule without an exclusion before it rewrites the packet out of its policy: it leaves in clear "
        "although the SA is up, and the far end often answers. VyOS has no automatic exemption."
    ),
    reference="net/netfilter/nf_nat_core.c, nf_xfrm_me_harder",
    lab="With the SA up, five of five packets leave with the rewritten source, in clear.",
    bad=DUMMY + BLACKHOLE + MASQUERADE,
    good=DUMMY + BLACKHOLE + MASQUERADE + EXCLUSION,
)


def find(subject: Subject) -> Iterator[Finding]:
    if subject.plan is None or not subject.plan.source_nat:
        return
    without = Without(subject, source_nat=())
    for entry, verdicts in judged(subject):
        verdict = verdicts["confidentiality"]
        if verdict.verdict != "refuted":
            continue
        due = set(verdict.failing_states) - without.states(entry.name, "confidentiality")
        if due:
            states = ", ".join(state for state in verdict.failing_states if state in due)
            origin = origin_of(subject.router, entry.name)
            message = f"{entry.name}: source NAT takes its packets out of their policy, in {states}; exclude them"
            yield RULE.finding(message, origin.path, origin.span)
