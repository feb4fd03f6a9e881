"""Policy routes name their interfaces, not the other way round: VyOS' policy steps 1-to-2 and 4-to-5.

``interfaces ethernet eth1 policy route NAME`` is ``policy route NAME interface eth1``, ``ipv6-route`` is route6,
and a rule's ``tcp flags "SYN,!RST"`` is ``tcp flags syn`` with ``tcp flags not rst``.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, rename_word, tags, take, write
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.vlans import with_vlans

_FLAGS = frozenset({"syn", "ack", "fin", "rst", "urg", "psh", "ecn", "cwr"})


def apply(root: Node, written: Written) -> list[Note]:
    policy = root.child("policy")
    if policy is not None:
        rename_word(policy, "ipv6-route", "route6")
        for kind in ("route", "route6"):
            for route in tags(policy, kind):
                for rule in tags(route, "rule"):
                    _flags(rule)
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


def _flags(rule: Node) -> None:
    flags = rule.find("tcp", "flags")
    if flags is None:
        return
    for value in list(flags.children.values()):
        words = [word.strip() for word in value.word.lower().split(",")]
        if value.children or not all(word.removeprefix("!") in _FLAGS for word in words):
            continue
        take(flags, value.word)
        for word in words:
            made = Node(word.removeprefix("!"), value.spans)
            made.extent = value.extent
            move(made, write(flags, "not", of=value) if word.startswith("!") else flags, made.word)
