"""CFG314: a tunnel without a far end whose encapsulation is not GRE."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import TUNNEL, instead, without
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG314",
    title="a tunnel without far end",
    severity="error",
    why="VyOS refuses the commit: only gre may be without a remote address, and then it is a multipoint tunnel.",
    bad=without(instead(TUNNEL, "gre", "ipip"), "remote"),
    good=without(TUNNEL, "remote"),
)


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        encapsulation = tunnel.text("encapsulation")
        if encapsulation not in (None, "gre") and not tunnel.has("remote"):
            message = f"{tunnel.name} has no remote: VyOS refuses {encapsulation} without one"
            yield RULE.finding(message, tunnel.where, first_span(tunnel.node))
