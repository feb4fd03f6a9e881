"""LEAK108: a selector holds one end of a tunnel and not the other, so it never matches the tunnel's packets."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.ends import ends_of
from sapper.proof.states.effective import local_selectors, remote_selectors
from sapper.rules.finding import Finding
from sapper.rules.leak import origin_of
from sapper.rules.leak_cause import children_of, judged
from sapper.rules.leak_example import BLACKHOLE, DUMMY, far_end
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="LEAK108",
    title="a selector narrower than the tunnel",
    severity="error",
    why=(
        "A policy matches a packet by both addresses. A selector that holds only one end of the tunnel matches "
        "none of its packets: the SA is up, and the tunnel is in clear beside it."
    ),
    reference="RFC 4301 4.4.1",
    lab="With the SA up, the tunnel packets leave in clear.",
    bad=DUMMY.replace("remote prefix 10.10.0.2/32", "remote prefix 10.10.0.3/32"),
    good=DUMMY + BLACKHOLE,
    far=far_end(DUMMY).replace("local prefix 10.10.0.2/32", "local prefix 10.10.0.3/32"),
)


def find(subject: Subject) -> Iterator[Finding]:
    for entry, _ in judged(subject):
        ends = ends_of(entry.link) if entry.link is not None else None
        if ends is None or ends.local is None:
            continue
        for connection, child in children_of(entry):
            near, far = local_selectors(connection, child), remote_selectors(connection, child)
            outside = [str(end) for end in ends.remotes if far and not any(end in each.prefix for each in far)]
            if near and not any(ends.local in each.prefix for each in near):
                outside.append(str(ends.local))
            if outside:
                origin = origin_of(subject.router, entry.name)
                message = f"{entry.name}: the selectors of {child.title} do not hold its end {', '.join(outside)}"
                yield RULE.finding(message, origin.path, origin.span)
