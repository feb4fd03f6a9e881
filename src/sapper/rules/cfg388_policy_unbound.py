"""CFG388: a policy route that no interface has, or an interface that several have."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Span
from sapper.model.branch import first_span
from sapper.rules.finding import Finding
from sapper.rules.match_tree import policies
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

CLAMP = """\
set policy route CLAMP rule 10 protocol tcp
set policy route CLAMP rule 10 set tcp-mss 1360
set policy route CLAMP rule 10 tcp flags syn
"""

RULE = Rule(
    code="CFG388",
    title="a policy route without interface",
    severity="warning",
    why=(
        "VyOS takes it, and no packet ever meets it: a policy route acts on what enters the interfaces that it "
        "names. An interface may stand in several policies; VyOS checks nothing, and packets meet one after the "
        "other."
    ),
    bad=CLAMP,
    good=CLAMP + "set policy route CLAMP interface eth1\n",
)


def find(subject: Subject) -> Iterator[Finding]:
    bound: dict[tuple[str, str], tuple[str, Span]] = {}
    for kind, policy in policies(subject):
        interfaces = policy.texts("interface")
        if not interfaces:
            message = f"policy {kind} {policy.name} names no interface: VyOS takes it, and no packet meets it"
            yield RULE.finding(message, policy.where, first_span(policy.node))
        for value in interfaces:
            earlier = bound.get((kind, value.word))
            bound.setdefault((kind, value.word), (policy.name, value.span))
            if earlier is not None:
                name, first = earlier
                message = (
                    f"{value.word} is in {name} ({subject.line_column(first)}) too: VyOS does not check it, and "
                    "packets meet both"
                )
                yield RULE.finding(message, f"{policy.where} interface", value.span, severity="info")
