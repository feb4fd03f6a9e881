"""The chains of the firewall in the upgraded tree: those of the hooks, and named ones that something jumps to.

The Router carries no firewall; rules about single words of it walk the tree. Every function here is linear in the size
of the firewall. Source: VyOS' firewall since 1.4, to which older texts are upgraded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.model.branch import Branch
from sapper.rules.subject import Subject

_HOOKS = (
    ("forward", "filter"),
    ("input", "filter"),
    ("output", "filter"),
    ("output", "raw"),
    ("prerouting", "raw"),
)
_ZONE_WORDS = {"ipv4": "name", "ipv6": "ipv6-name"}


class Chain(NamedTuple):
    """``family`` is ``ipv4`` or ``ipv6``; ``is_hook`` False for a chain with a name."""

    family: str
    is_hook: bool
    branch: Branch


def chains_of(subject: Subject, family: str) -> Iterator[Chain]:
    """The chains of that family that see packets."""
    top = subject.top.below("firewall", family)
    if top is None:
        return
    used = _used(subject, family)
    for hook in _HOOKS:
        branch = top.below(*hook)
        if branch is not None:
            yield Chain(family, True, branch)
    for branch in top.each("name"):
        if branch.name in used:
            yield Chain(family, False, branch)


def rules_of(chain: Branch) -> list[Branch]:
    """The enabled rules in the order in which they are tried."""
    rules = [rule for rule in chain.each("rule") if not rule.has("disable")]
    return sorted(rules, key=lambda rule: (len(rule.name), rule.name))


def _used(subject: Subject, family: str) -> set[str]:
    """The chains that some rule or zone names."""
    found: set[str] = set()
    top = subject.top
    hooks = [branch for hook in _HOOKS if (branch := top.below("firewall", family, *hook)) is not None]
    for chain in (*hooks, *top.each("firewall", family, "name")):
        found.update(value.word for value in chain.texts("default-jump-target"))
        for rule in chain.each("rule"):
            found.update(value.word for value in rule.texts("jump-target"))
    for zone in top.each("firewall", "zone"):
        for other in zone.each("from"):
            found.update(value.word for value in other.texts("firewall", _ZONE_WORDS[family]))
        found.update(value.word for value in zone.texts("intra-zone-filtering", "firewall", _ZONE_WORDS[family]))
    return found
