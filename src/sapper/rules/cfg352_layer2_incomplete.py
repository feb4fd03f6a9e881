"""CFG352: L2TPv3 or GENEVE without an option that it must have.

Source: VyOS' rules of ``interfaces l2tpv3`` and ``interfaces geneve``.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.example import without
from sapper.rules.finding import Finding
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_GENEVE = """\
set interfaces geneve gnv0 remote 203.0.113.20
set interfaces geneve gnv0 vni 100
"""

RULE = Rule(
    code="CFG352",
    title="L2TPv3 or GENEVE without an option that it must have",
    severity="error",
    why=(
        "VyOS refuses the commit. L2TPv3 is set up by hand on both ends: addresses and all four identifiers are "
        "mandatory. GENEVE needs its remote and its network identifier."
    ),
    bad=without(_GENEVE, "vni"),
    good=_GENEVE,
)

_MANDATORY = {
    "l2tpv3": ("source-address", "remote", "tunnel-id", "peer-tunnel-id", "session-id", "peer-session-id"),
    "geneve": ("remote", "vni"),
}


def find(subject: Subject) -> Iterator[Finding]:
    for kind, words in _MANDATORY.items():
        for branch in subject.top.each("interfaces", kind):
            missing = [word for word in words if not branch.has(word)]
            if missing:
                message = f"{branch.name} has no {', no '.join(missing)}: VyOS refuses it"
                yield RULE.finding(message, branch.where, first_span(branch.node))
