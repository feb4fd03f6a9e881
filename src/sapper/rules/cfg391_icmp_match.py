"""CFG391: an ICMP match without its protocol, or with parts that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.finding import Finding
from sapper.rules.match_tree import policy_refusal, policy_rules, protocol
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_PING = """\
set policy route PING interface eth1
set policy route PING rule 10 icmp type 8
set policy route PING rule 10 set table 10
"""

RULE = Rule(
    code="CFG391",
    title="an ICMP match that does not fit its rule",
    severity="error",
    why=(
        "VyOS refuses the commit: icmp in a policy route needs protocol icmp, icmpv6 in a route6 needs protocol "
        "icmpv6, a type-name stands without type and code, and a code needs a type. nftables itself would take an "
        "ICMP match alone and add the protocol."
    ),
    bad=_PING,
    good=_PING + "set policy route PING rule 10 protocol icmp\n",
)

_NODES = {"route": "icmp", "route6": "icmpv6"}


def find(subject: Subject) -> Iterator[Finding]:
    severity, does = policy_refusal(subject)
    for kind, rule in policy_rules(subject):
        word = _NODES[kind]
        icmp = rule.below(word)
        if icmp is None:
            continue
        wrong = _wrong(icmp)
        if protocol(rule) != word:
            wrong = f"a rule with {word} needs protocol {word}"
        if wrong:
            yield RULE.finding(f"{wrong}: {does}", icmp.where, first_span(icmp.node), severity=severity)


def _wrong(icmp: Branch) -> str | None:
    if icmp.has("type-name") and (icmp.has("type") or icmp.has("code")):
        return "type-name excludes type and code"
    if icmp.has("code") and not icmp.has("type"):
        return "code needs a type"
    return None
