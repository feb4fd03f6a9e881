"""CFG392: TCP flags without the protocol, a flag that must be both set and unset, an MSS without SYN."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Branch, first_span
from sapper.rules.cfg388_policy_unbound import CLAMP
from sapper.rules.example import without
from sapper.rules.finding import Finding
from sapper.rules.match_tree import policy_refusal, policy_rules, protocol
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_BOUND = CLAMP + "set policy route CLAMP interface eth1\n"

RULE = Rule(
    code="CFG392",
    title="TCP flags or an MSS that do not fit their rule",
    severity="error",
    why=(
        "VyOS refuses the commit: set tcp-mss needs tcp flags syn, because only a SYN carries an MSS; tcp flags "
        "need protocol tcp, written so; and a flag cannot be both set and unset. nftables would take the flags "
        "alone."
    ),
    bad=without(_BOUND, "protocol"),
    good=_BOUND,
)


def find(subject: Subject) -> Iterator[Finding]:
    severity, does = policy_refusal(subject)
    for _kind, rule in policy_rules(subject):
        flags = rule.below("tcp", "flags")
        mss = rule.in_force("set", "tcp-mss")
        if mss is not None and (flags is None or not flags.has("syn")):
            message = f"set tcp-mss needs tcp flags syn: {does}"
            yield RULE.finding(message, f"{rule.where} set tcp-mss", mss.span, severity=severity)
        wrong = _wrong(rule, flags) if flags is not None else None
        if flags is not None and wrong:
            yield RULE.finding(f"{wrong}: {does}", flags.where, first_span(flags.node), severity=severity)


def _wrong(rule: Branch, flags: Branch) -> str | None:
    if protocol(rule) != "tcp":
        return "tcp flags need protocol tcp"
    both = [branch.name for branch in flags.each("not") if flags.has(branch.name)]
    return f"tcp flag {both[0]} cannot be both set and unset" if both else None
