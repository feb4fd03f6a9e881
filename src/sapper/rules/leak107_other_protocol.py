"""LEAK107: the selector is for another protocol than the one that the tunnel sends."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.proof.facts.packet import protocol_name
from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import children_of, judged, outer_protocols
from sapper.rules.leak_example import WAN
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK107",
    title="a selector for another protocol",
    severity="error",
    why=(
        "The policy matches by protocol. A selector for GRE encrypts no IPIP, and one for 41 no IPv4 in sit: the "
        "tunnel comes up, works, and is never encrypted."
    ),
    reference="the kernel notes: policy proto gre, tunnel ipip",
    lab="With the SA up, five of five tunnel packets leave in clear and are answered.",
    bad=WAN.replace("encapsulation gre", "encapsulation ipip"),
    good=WAN,
)


def find(subject: Subject) -> Iterator[Finding]:
    for entry, _ in judged(subject):
        if entry.link is None or entry.link.encapsulating is None:
            continue
        sent = outer_protocols(entry.link)
        for _connection, child in children_of(entry):
            asked = {selector.protocol for selector in (*child.local_ts, *child.remote_ts)} - {None}
            if asked and not asked & sent:
                origin = origin_of(subject.router, entry.name)
                words = "/".join(protocol_name(number) for number in sorted(sent))
                wanted = "/".join(protocol_name(number) for number in asked if number is not None)
                message = f"{entry.name} sends {words}, and {child.title} encrypts {wanted} only"
                yield RULE.finding(message, origin.path, origin.span)
