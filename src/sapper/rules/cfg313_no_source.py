"""CFG313: a tunnel with neither a source address nor a source interface."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import TUNNEL, without
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG313",
    title="a tunnel without source",
    severity="error",
    why="VyOS refuses the commit: a tunnel needs a source-address or a source-interface.",
    bad=without(TUNNEL, "source-address"),
    good=TUNNEL,
)


def find(subject: Subject) -> Iterator[Finding]:
    for tunnel in subject.top.each("interfaces", "tunnel"):
        if not any(tunnel.has(word) for word in ("source-address", "source-interface", "dhcp-interface")):
            message = f"{tunnel.name} has neither source-address nor source-interface: VyOS refuses it"
            yield RULE.finding(message, tunnel.where, first_span(tunnel.node))
