"""Rules of the firewall that drop the ICMP messages of path MTU discovery: "fragmentation needed" and "too big".

A chain is read in the order of its rules, up to the first one that lets such a message through: by its type, or as
related to a connection. What is narrowed by addresses, rates or anything else that is not looked at here is left
alone, so what is reported is dropped. Source: RFC 1191, RFC 8201, RFC 4890 section 4.3.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sapper.model.branch import Branch
from sapper.rules.firewall_tree import Chain, chains_of, rules_of
from sapper.rules.subject import Subject

Judgement = Literal["drops", "passes", "neither"]
_PROTOCOLS = {"ipv4": ("icmp", "1"), "ipv6": ("ipv6-icmp", "icmpv6", "58")}
_TYPES = {
    "ipv4": frozenset({"3", "destination-unreachable", "fragmentation-needed"}),
    "ipv6": frozenset({"2", "packet-too-big"}),
}
_MESSAGE_WORDS = {"ipv4": "icmp", "ipv6": "icmpv6"}
_FRAGMENTATION_NEEDED = "4"
_LOOKED_AT = frozenset(
    {"action", "protocol", "state", "icmp", "icmpv6", "log", "log-options", "description", "inbound-interface"}
)
_LETS_PASS = frozenset({"accept", "return"})
_STOPS = frozenset({"drop", "reject"})


class Filtered(NamedTuple):
    """``rule`` None: the default action of the chain stops it. ``number`` is that of the first rule."""

    chain: Chain
    rule: Branch | None


def filters(subject: Subject) -> Iterator[Filtered]:
    """What stops such messages, at most once in each chain."""
    if _all_related_pass(subject):
        return
    for family in ("ipv4", "ipv6"):
        for chain in chains_of(subject, family):
            yield from _first(chain)


def _first(chain: Chain) -> Iterator[Filtered]:
    rules = rules_of(chain.branch)
    for rule in rules:
        judged = _judge(rule, chain.family)
        if judged == "passes":
            return
        if judged == "drops":
            yield Filtered(chain, rule)
            return
    jumps = any(rule.has("jump-target") for rule in rules)
    if chain.is_hook and not jumps and chain.branch.text("default-action") in _STOPS:
        yield Filtered(chain, None)


def _judge(rule: Branch, family: str) -> Judgement:
    action = rule.text("action")
    if action in _LETS_PASS:
        return "passes" if _meets(rule, family, whole=False) else "neither"
    narrow = set(rule.node.children) - _LOOKED_AT
    return "drops" if action in _STOPS and not narrow and _meets(rule, family, whole=True) else "neither"


def _meets(rule: Branch, family: str, whole: bool) -> bool:
    """True if the rule matches such a message; ``whole`` asks for the protocol of ICMP to be named."""
    states = {value.word for value in rule.texts("state")}
    if states and "related" not in states:
        return False
    protocol = rule.text("protocol")
    if protocol not in _PROTOCOLS[family]:
        return not whole and protocol in (None, "all")
    word = _MESSAGE_WORDS[family]
    kinds = {kind for leaf in ("type", "type-name") if (kind := rule.text(word, leaf)) is not None}
    code = rule.text(word, "code")
    return (not kinds or bool(kinds & _TYPES[family])) and (
        code in (None, _FRAGMENTATION_NEEDED) or family == "ipv6"
    )


def _all_related_pass(subject: Subject) -> bool:
    policy = subject.top.below("firewall", "global-options", "state-policy", "related")
    return policy is not None and policy.text("action") == "accept"
