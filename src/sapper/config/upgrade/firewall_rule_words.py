"""Firewall rules' words for nftables: VyOS' firewall step 6-to-7.

``tcp flags`` are words of their own; ``icmpv6 type destination-unreachable`` is type-name, ``type 1/1`` is type and
code; a port without a protocol means tcp_udp; ``recent time`` in seconds is one of second, minute, hour; ``+`` in a
group's or chain's name is ``_``; ``config-trap`` is gone.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import rules
from sapper.config.upgrade.graft import fill, move, rename, rename_word, tags, take, write_value
from sapper.config.upgrade.step import Note, Written
from sapper.config.upgrade.tcp_flags import split_flags

_SIDES = ("source", "destination")
_MINUTE, _HOUR = 60, 3600


def apply(root: Node, written: Written) -> list[Note]:
    firewall = root.child("firewall")
    if firewall is None:
        return []
    take(firewall, "config-trap")
    for word in ("name", "ipv6-name"):
        if named := firewall.child(word):
            rename(named, lambda chain: chain.word.replace("+", "_"))
    for kind in tags(firewall, "group"):
        rename(kind, lambda group: group.word.replace("+", "_"))
    for rule in rules(root):
        split_flags(rule)
        for protocol in ("icmp", "icmpv6"):
            if icmp := rule.child(protocol):
                _icmp_type(icmp)
        if time := rule.find("recent", "time"):
            rename(time, _unit)
        _ports(rule)
    return []


def _icmp_type(icmp: Node) -> None:
    kind = icmp.child("type")
    if kind is None or not kind.children:
        return
    value = kind.values()[-1]
    number, slash, code = value.word.partition("/")
    if slash:
        rename_word(kind, value.word, number)
        part = Node(code, list(value.spans))
        part.extent = value.extent
        write_value(icmp, "code", part)
    elif not number.isdigit():
        move(icmp.children.pop("type"), icmp, "type-name")


def _unit(value: Node) -> str:
    if not value.word.isdigit():
        return value.word
    seconds = int(value.word[:9])
    return "second" if seconds < _MINUTE else "minute" if seconds < _HOUR else "hour"


def _ports(rule: Node) -> None:
    for side in _SIDES:
        if groups := rule.find(side, "group"):
            for kind in groups.children.values():
                rename(kind, lambda group: group.word.replace("+", "_"))
        if rule.find(side, "group", "port-group"):
            fill(rule, "protocol", "tcp_udp")
