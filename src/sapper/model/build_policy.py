"""``policy route`` and ``policy route6`` of the tree to policies of the Router, rules in order of their numbers.

A disabled rule is kept and marked. Everything that a rule matches on and that its record has no field for is named
in its ``unmodelled``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sapper.address import Family
from sapper.model.branch import Branch
from sapper.model.build_link import clamp
from sapper.model.build_match import Match, rule_number
from sapper.model.build_routes import MAIN_TABLE
from sapper.model.routing import PolicyRoute, PolicyRule

_ACTIONS: dict[str, Literal["accept", "reject", "return", "drop"]] = {
    "accept": "accept",
    "reject": "reject",
    "return": "return",
    "drop": "drop",
}
_IPSEC: tuple[tuple[str, Literal["in", "none-in", "out", "none-out"]], ...] = (
    ("match-ipsec-in", "in"),
    ("match-none-in", "none-in"),
    ("match-ipsec-out", "out"),
    ("match-none-out", "none-out"),
)
_BEYOND = (
    ("tcp", "flags", "not"),
    ("tcp", "mss"),
    *(
        (word,)
        for word in ("state", "icmp", "icmpv6", "fragment", "mark", "connection-mark", "dscp", "dscp-exclude")
    ),
    *((word,) for word in ("packet-length", "packet-length-exclude", "packet-type", "ttl", "hop-limit")),
    *((word,) for word in ("limit", "recent", "time")),
)
_OTHER_FLAGS = ("ack", "fin", "rst", "urg", "psh", "ecn", "cwr")


def build_policies(root: Branch) -> tuple[PolicyRoute, ...]:
    """All policies in order of writing, those for IPv4 first."""
    return (*_policies(root, "route", 4), *_policies(root, "route6", 6))


def _policies(root: Branch, word: str, family: Family) -> Iterator[PolicyRoute]:
    for branch in root.each("policy", word):
        rules = [_rule(rule, number) for rule in branch.each("rule") if (number := rule_number(rule)) is not None]
        yield PolicyRoute(
            name=branch.name,
            origin=branch.origin,
            family=family,
            interfaces=tuple(branch.good_texts("interface")),
            rules=tuple(sorted(rules, key=lambda rule: rule.number)),
        )


def _rule(branch: Branch, number: int) -> PolicyRule:
    match = Match(branch, (*_BEYOND, *(("tcp", "flags", flag) for flag in _OTHER_FLAGS)))
    return PolicyRule(
        number=number,
        origin=branch.origin,
        action=_ACTIONS.get(branch.text("action") or ""),
        source=match.network("source"),
        destination=match.network("destination"),
        protocol=match.protocol(),
        syn=branch.has("tcp", "flags", "syn"),
        table=MAIN_TABLE if branch.text("set", "table") == "main" else branch.number("set", "table"),
        vrf=branch.text("set", "vrf"),
        mark=branch.number("set", "mark"),
        mss=clamp(branch, "set", "tcp-mss"),
        ipsec=tuple(meaning for word, meaning in _IPSEC if branch.has("ipsec", word)),
        negated=tuple(match.negated),
        unmodelled=tuple(match.beyond),
        disabled=branch.has("disable"),
    )
