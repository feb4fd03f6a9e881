"""The firewall's chains belong to a family and hang on hooks: VyOS' firewall step 10-to-11.

``name X`` is ``ipv4 name X``, ``ipv6-name X`` is ``ipv6 name X``; accept inside them is return, because what is
accepted there is still judged by the chain that jumped. ``interface IF in|out|local`` are jumps in the forward and
input filters, numbered 5, 10, 15 … Flags of the whole firewall, and state-policy, are global-options.
"""

from __future__ import annotations

from collections import Counter

from sapper.config.tree import Node
from sapper.config.upgrade.graft import fill, move, prune, rename_word, tags, take, write
from sapper.config.upgrade.step import Note, Written

GLOBAL = (
    "all-ping", "broadcast-ping", "directed-broadcast", "ip-src-route", "ipv6-receive-redirects", "ipv6-src-route",
    "log-martians", "receive-redirects", "resolver-cache", "resolver-interval", "send-redirects",
    "source-validation", "state-policy", "syn-cookies", "twa-hazards-protection",
)  # fmt: skip
FAMILIES = {"name": "ipv4", "ipv6-name": "ipv6"}
DIRECTIONS = {
    "in": ("forward", "inbound-interface"),
    "out": ("forward", "outbound-interface"),
    "local": ("input", "inbound-interface"),
}
STRIDE = 5


def apply(root: Node, written: Written) -> list[Note]:
    firewall = root.child("firewall")
    if firewall is None:
        return []
    for word in GLOBAL:
        if option := take(firewall, word):
            move(option, write(firewall, "global-options", of=option), word)
    for word, family in FAMILIES.items():
        if named := take(firewall, word):
            for chain in named.children.values():
                _return(chain)
            move(named, write(firewall, family, of=named), "name")
    _hang(firewall)
    return []


def _return(chain: Node) -> None:
    if action := chain.child("default-action"):
        rename_word(action, "accept", "return")
    for rule in tags(chain, "rule"):
        if action := rule.child("action"):
            rename_word(action, "accept", "return")


def _hang(firewall: Node) -> None:
    numbers: Counter[tuple[str, str]] = Counter()
    for interface in tags(firewall, "interface"):
        for direction, (hook, side) in DIRECTIONS.items():
            binding = interface.child(direction)
            for word, family in FAMILIES.items():
                targets = take(binding, word) if binding else None
                for target in tags(targets) if targets else ():
                    numbers[family, hook] += STRIDE
                    chain = write(firewall, family, hook, "filter", of=target)
                    fill(chain, "default-action", "accept")
                    _jump(write(chain, "rule", str(numbers[family, hook]), of=target), target, side, interface)
            prune(interface, direction)
        prune(firewall, "interface", interface.word)


def _jump(rule: Node, target: Node, side: str, interface: Node) -> None:
    write(rule, "action", "jump", of=target)
    write(rule, "jump-target", target.word, of=target)
    write(rule, side, "name", interface.word, of=interface)
