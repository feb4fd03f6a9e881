"""``outbound-interface X`` of a NAT rule is ``outbound-interface interface-name X``: VyOS' nat step 5-to-6.

Host bits of prefixes are cleared in the same step: ``192.0.2.1/24`` of a rule meets 192.0.2.0/24.
"""

from __future__ import annotations

from ipaddress import ip_network

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, rename, write
from sapper.config.upgrade.nat_rules import SIDES, nat_rules
from sapper.config.upgrade.step import Note, Written

_NEW = frozenset({"name", "group", "interface-name"})


def apply(root: Node, written: Written) -> list[Note]:
    for rule in nat_rules(root):
        for side in SIDES:
            leaf = rule.child(side)
            if leaf is None or not leaf.children or _NEW & leaf.children.keys():
                continue
            values, leaf.children = list(leaf.children.values()), {}
            for value in values:
                move(value, write(leaf, "interface-name", of=value), value.word)
        for part in ("source", "destination", "translation"):
            if address := rule.find(part, "address"):
                rename(address, _network)
    return []


def _network(value: Node) -> str:
    """The word with its host bits cleared; as it was if it is no prefix."""
    excluded = value.word.startswith("!")
    prefix = value.word.removeprefix("!")
    if "/" not in prefix:
        return value.word
    try:
        network = ip_network(prefix, strict=False)
    except ValueError:
        return value.word
    return value.word if str(network) == prefix else ("!" if excluded else "") + str(network)
