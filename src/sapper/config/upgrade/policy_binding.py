"""Policy routes name their interfaces, not the other way round: VyOS' policy step 4-to-5.

``interfaces ethernet eth1 policy route NAME`` is ``policy route NAME interface eth1``.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import tags, take, write
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.vlans import with_vlans


def apply(root: Node, written: Written) -> list[Note]:
    for node, name, _path in with_vlans(root):
        binding = node.child("policy")
        if binding is not None:
            _bind(root, binding, name)
            if not binding.children:
                take(node, "policy")
    return []


def _bind(root: Node, binding: Node, interface: str) -> None:
    for old, new in (("route", "route"), ("route6", "route6"), ("ipv6-route", "route6")):
        for route in tags(binding, old):
            write(root, "policy", new, route.word, "interface", interface, of=route)
        take(binding, old)
