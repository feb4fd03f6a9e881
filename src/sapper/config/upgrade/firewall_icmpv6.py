"""The protocol ``icmpv6`` of a firewall rule is ipv6-icmp: a firewall step up to 10-to-11."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import rules
from sapper.config.upgrade.graft import rename_word
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    for rule in rules(root):
        if protocol := rule.child("protocol"):
            rename_word(protocol, "icmpv6", "ipv6-icmp")
    return []
