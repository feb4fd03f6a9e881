"""Where the firewall's rules and chains are, whatever the generation."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags

Placed = tuple[tuple[str, ...], Node]
"""A node and the path that leads to it."""

HOOKS = ("forward", "input", "output", "prerouting")
FAMILIES = ("ipv4", "ipv6", "bridge")


def chains(root: Node) -> Iterator[Placed]:
    """Every chain: those with a name, of any generation, and since 1.4 the filter and raw chains of the hooks."""
    above: list[tuple[str, ...]] = [("firewall", "name"), ("firewall", "ipv6-name")]
    above += [("firewall", family, word) for family in FAMILIES for word in ("name", *HOOKS)]
    for path in above:
        for chain in tags(root, *path):
            yield (*path, chain.word), chain


def rules_with_paths(root: Node) -> Iterator[Placed]:
    """Every rule of every chain."""
    for path, chain in chains(root):
        for rule in tags(chain, "rule"):
            yield (*path, "rule", rule.word), rule


def rules(root: Node) -> Iterator[Node]:
    for _path, rule in rules_with_paths(root):
        yield rule
