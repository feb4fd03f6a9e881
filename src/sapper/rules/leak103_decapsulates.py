"""LEAK103: a tunnel takes packets that came through no SA, from whoever writes the far address into them."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import judged
from sapper.rules.leak_example import BLACKHOLE, DUMMY, DUMMY_GUARD_IN
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK103",
    title="plain packets are decapsulated",
    severity="error",
    why=(
        "Where no inbound policy is installed, the kernel hands the far end's packets to the tunnel without "
        "asking for ESP. Anybody who can send packets with that source address puts packets into the network "
        "behind the router. The blackhole and the trap stop what leaves, not what comes in."
    ),
    reference="VU#199397; net/ipv4/ip_gre.c",
    lab="Forged packets of the far end arrive inside; the capture shows them and the inner network gets them.",
    bad=DUMMY + BLACKHOLE,
    good=DUMMY + BLACKHOLE + DUMMY_GUARD_IN,
)


def find(subject: Subject) -> Iterator[Finding]:
    for entry, verdicts in judged(subject):
        verdict = verdicts["authenticity"]
        if verdict.verdict != "refuted" or verdict.witness is None:
            continue
        origin = origin_of(subject.router, entry.name)
        packet = verdict.witness.packet
        states = ", ".join(verdict.failing_states)
        message = (
            f"{entry.name} decapsulates plain packets in {states}; for example in {verdict.witness.state}: "
            f"{packet.protocol} {packet.src} -> {packet.dst} from anybody on {packet.in_}"
        )
        yield RULE.finding(message, origin.path, origin.span)
