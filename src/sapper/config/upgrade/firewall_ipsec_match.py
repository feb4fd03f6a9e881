"""``ipsec match-ipsec`` says which way: ``match-ipsec-in``; match-none likewise. VyOS' firewall step 16-to-17.

Rules of policy routes have the same words.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import Placed, rules_with_paths
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for _path, rule in (*rules_with_paths(root), *policy_rules(root)):
        if match := rule.child("ipsec"):
            rename_word(match, "match-ipsec", "match-ipsec-in")
            rename_word(match, "match-none", "match-none-in")
    return []


def policy_rules(root: Node) -> Iterator[Placed]:
    """Every rule of a policy route, with its path."""
    for kind in ("route", "route6", "ipv6-route"):
        for route in tags(root, "policy", kind):
            for rule in tags(route, "rule"):
                yield ("policy", kind, route.word, "rule", rule.word), rule
