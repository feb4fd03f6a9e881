"""The rules that match packets, wherever the tree has them: policy routes, NAT and their groups of the firewall.

A policy route is verified by VyOS since 1.4 as the reference says; for older texts the same facts are warnings,
because what the older script made of them is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.config.tree import Node
from sapper.model.branch import Branch
from sapper.rules.finding import Severity
from sapper.rules.subject import Subject

SIDES = ("source", "destination")
NAT_KINDS = ("source", "destination")
PORT_PROTOCOLS = frozenset({"tcp", "udp", "tcp_udp"})
GROUP_KINDS = {
    "address-group": "address-group",
    "domain-group": "domain-group",
    "network-group": "network-group",
    "mac-group": "mac-group",
    "port-group": "port-group",
}
_IPV6_GROUPS = {"address-group": "ipv6-address-group", "network-group": "ipv6-network-group"}


class PolicyRule(NamedTuple):
    """``kind`` is ``route`` or ``route6``."""

    kind: str
    branch: Branch


def policies(subject: Subject) -> Iterator[tuple[str, Branch]]:
    """Every policy route with its kind, ``route`` or ``route6``."""
    for kind in ("route", "route6"):
        for policy in subject.top.each("policy", kind):
            yield kind, policy


def policy_rules(subject: Subject) -> Iterator[PolicyRule]:
    """Every rule of every policy route, disabled ones too: VyOS verifies them all."""
    for kind, policy in policies(subject):
        for rule in policy.each("rule"):
            yield PolicyRule(kind, rule)


def nat_rules(subject: Subject) -> Iterator[tuple[str, Branch]]:
    """Every NAT rule with its kind, ``source`` or ``destination``."""
    for kind in NAT_KINDS:
        for rule in subject.top.each("nat", kind, "rule"):
            yield kind, rule


def policy_refusal(subject: Subject) -> tuple[Severity, str]:
    """The severity of what the policy script of 1.4 refuses, and the words for a message."""
    if subject.generation < "1.4":
        return "warning", "VyOS refuses it from 1.4 on"
    return "error", "VyOS refuses it"


def protocol(rule: Branch) -> str | None:
    """The protocol as written; no default, because VyOS verifies before it fills the default in."""
    value = rule.in_force("protocol")
    return value.word if value is not None else None


def first(nodes: list[Node]) -> Node | None:
    return nodes[0] if nodes else None


def firewall_kind(group: str, ipv6: bool) -> str:
    """The firewall's word for a group that a rule names: route6 means the IPv6 kinds of two of them."""
    return _IPV6_GROUPS.get(group, group) if ipv6 else group
