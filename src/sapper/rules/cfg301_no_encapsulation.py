"""CFG301: a tunnel without encapsulation.

The model finds it where it has to assume one; this file adds the command that says it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.rules.example import TUNNEL, without
from sapper.rules.finding import Finding, Fix
from sapper.rules.relay import from_assumptions
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

RULE = Rule(
    code="CFG301",
    title="a tunnel without encapsulation",
    severity="error",
    why=(
        "VyOS refuses the commit: the encapsulation is mandatory. sapper goes on with GRE, which is what most "
        "tunnels are, so that the rest can be judged."
    ),
    bad=without(TUNNEL, "encapsulation"),
    good=TUNNEL,
)


def find(subject: Subject) -> Iterator[Finding]:
    assumed = {tunnel.origin.path: tunnel.encapsulation for tunnel in subject.router.tunnels}
    for finding in from_assumptions(subject, RULE):
        encapsulation = assumed.get(finding.path, "gre")
        command = f"set {finding.path} encapsulation {encapsulation}"
        yield msgspec.structs.replace(finding, fixes=(Fix(f"say that it is {encapsulation}", (command,)),))
