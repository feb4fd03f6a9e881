"""``policy route6`` is ipv6-route, and TCP flags are one list: policy step 2-to-1."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.downgrade.tcp_flags import join_flags
from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.policy_route6 import KINDS
from sapper.config.upgrade.vlans import with_vlans


def apply(root: Node) -> list[Lacking]:
    policy = root.child("policy")
    if policy is not None:
        for kind in KINDS:
            for route in tags(policy, kind):
                for rule in tags(route, "rule"):
                    join_flags(rule)
        rename_word(policy, "route6", "ipv6-route")
    for node, _name, _path in with_vlans(root):
        if binding := node.child("policy"):
            rename_word(binding, "route6", "ipv6-route")
    return []
