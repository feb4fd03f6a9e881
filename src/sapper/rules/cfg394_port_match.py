"""CFG394: a port in a policy route or NAT rule whose protocol is not TCP or UDP."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Span
from sapper.model.branch import Branch, first_span
from sapper.rules.finding import Finding
from sapper.rules.match_tree import PORT_PROTOCOLS, SIDES, nat_rules, policy_refusal, policy_rules, protocol
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_NAT = """\
set nat source rule 10 destination port 443
set nat source rule 10 outbound-interface name eth0
set nat source rule 10 translation address masquerade
"""

RULE = Rule(
    code="CFG394",
    title="a port without TCP or UDP",
    severity="error",
    why=(
        "VyOS refuses the commit: a port or port-group in a policy route, and a port anywhere in a NAT rule, needs "
        "protocol tcp, udp or tcp_udp; a load balance that hashes ports needs tcp or udp. nftables knows ports of "
        "other protocols too (SCTP)."
    ),
    bad=_NAT,
    good=_NAT + "set nat source rule 10 protocol tcp\n",
)

_TRANSLATED = (("translation", "port"), ("translation", "redirect", "port"))
_HASHED = frozenset({"source-port", "destination-port"})


def find(subject: Subject) -> Iterator[Finding]:
    severity, does = policy_refusal(subject)
    for _kind, rule in policy_rules(subject):
        for path, span in _ports(rule)[:1]:
            if protocol(rule) not in PORT_PROTOCOLS:
                message = f"a port needs protocol tcp, udp or tcp_udp: {does}"
                yield RULE.finding(message, path, span, severity=severity)
    for _kind, rule in nat_rules(subject):
        word = protocol(rule) or "all"
        for path, span in (*_ports(rule), *_translated(rule))[:1]:
            if word not in PORT_PROTOCOLS:
                message = f"a port needs protocol tcp, udp or tcp_udp, not {word}: VyOS refuses it"
                yield RULE.finding(message, path, span)
        for value in rule.texts("load-balance", "hash"):
            if value.word in _HASHED and word not in ("tcp", "udp"):
                message = f"a hash of {value.word} needs protocol tcp or udp, not {word}: VyOS refuses it"
                yield RULE.finding(message, f"{rule.where} load-balance hash", value.span)


def _ports(rule: Branch) -> list[tuple[str, Span]]:
    """Every match on ports, with its path and place."""
    found = []
    for side in SIDES:
        for words in ((side, "port"), (side, "group", "port-group")):
            branch = rule.below(*words)
            if branch is not None:
                found.append((branch.where, first_span(branch.node)))
    return found


def _translated(rule: Branch) -> list[tuple[str, Span]]:
    branches = [branch for words in _TRANSLATED if (branch := rule.below(*words)) is not None]
    return [(branch.where, first_span(branch.node)) for branch in branches]
