"""``inbound-interface X`` of a firewall rule is ``inbound-interface name X``: VyOS' firewall steps 8-to-9, 11-to-12."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import rules
from sapper.config.upgrade.graft import move, take, write
from sapper.config.upgrade.step import Note, Written

_WORDS = {"interface-name": "name", "interface-group": "group"}


def apply(root: Node, written: Written) -> list[Note]:
    for rule in rules(root):
        for side in ("inbound-interface", "outbound-interface"):
            leaf = rule.child(side)
            if leaf is None:
                continue
            for value in list(leaf.children.values()):
                take(leaf, value.word)
                if value.word in _WORDS:
                    move(value, leaf, _WORDS[value.word])
                elif value.word in ("name", "group"):
                    move(value, leaf, value.word)
                else:
                    move(value, write(leaf, "name", of=value), value.word)
    return []
