"""CFG393: a policy rule that sends packets both to a table and to a VRF."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import first_span
from sapper.rules.finding import Finding
from sapper.rules.match_tree import policy_refusal, policy_rules
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_TABLE = """\
set policy route LAN interface eth1
set policy route LAN rule 10 destination address 10.2.0.0/16
set policy route LAN rule 10 set table 10
"""

RULE = Rule(
    code="CFG393",
    title="a table beside a VRF",
    severity="error",
    why=(
        "VyOS refuses the commit: both choose the routing table of the packet by its mark, and a packet has one "
        "mark. The kernel would keep the later of the two."
    ),
    bad=_TABLE + "set policy route LAN rule 10 set vrf default\n",
    good=_TABLE,
)


def find(subject: Subject) -> Iterator[Finding]:
    severity, does = policy_refusal(subject)
    for _kind, rule in policy_rules(subject):
        vrf = rule.below("set", "vrf")
        if vrf is not None and rule.has("set", "table"):
            message = f"set vrf and set table exclude each other: {does}"
            yield RULE.finding(message, vrf.where, first_span(vrf.node), severity=severity)
