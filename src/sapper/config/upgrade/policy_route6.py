"""``policy ipv6-route`` is route6, and TCP flags are words of their own: VyOS' policy step 1-to-2."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import rename_word, tags
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.tcp_flags import split_flags
from sapper.config.upgrade.vlans import with_vlans

KINDS = ("route", "route6")


def apply(root: Node, written: Written) -> list[Note]:
    policy = root.child("policy")
    if policy is not None:
        rename_word(policy, "ipv6-route", "route6")
        for kind in KINDS:
            for route in tags(policy, kind):
                for rule in tags(route, "rule"):
                    split_flags(rule)
    for node, _name, _path in with_vlans(root):
        if binding := node.child("policy"):
            rename_word(binding, "ipv6-route", "route6")
    return []
