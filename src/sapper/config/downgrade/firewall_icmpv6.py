"""The protocol ``ipv6-icmp`` of a firewall rule is icmpv6: a firewall step back to 10."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import rules
from sapper.config.upgrade.graft import rename_word


def apply(root: Node) -> list[Lacking]:
    for rule in rules(root):
        if protocol := rule.child("protocol"):
            rename_word(protocol, "ipv6-icmp", "icmpv6")
    return []
