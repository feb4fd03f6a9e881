"""Firewall rules' words before nftables: firewall step 7-to-6.

``tcp flags`` are one list; ``icmpv6 type-name`` is type, ``type`` with ``code`` is ``type 1/1``; ``recent time`` is in
seconds.
"""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.downgrade.tcp_flags import join_flags
from sapper.config.tree import Node
from sapper.config.upgrade.firewall_rules import rules
from sapper.config.upgrade.graft import rename, rename_word, take

_SECONDS = {"second": "1", "minute": "60", "hour": "3600"}


def apply(root: Node) -> list[Lacking]:
    for rule in rules(root):
        join_flags(rule)
        if icmp := rule.child("icmpv6"):
            _icmp_type(icmp)
        if time := rule.find("recent", "time"):
            rename(time, lambda value: _SECONDS.get(value.word, value.word))
    return []


def _icmp_type(icmp: Node) -> None:
    rename_word(icmp, "type-name", "type")
    kind, code = icmp.child("type"), icmp.child("code")
    if kind is not None and kind.children and code is not None and code.children:
        word = kind.values()[-1].word
        take(icmp, "code")
        rename_word(kind, word, f"{word}/{code.values()[-1].word}")
