"""``ipsec-interfaces interface X`` is ``interface X``, logging lost its prefix, NAT traversal its switches.

VyOS' ipsec step 5-to-6.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, rename_word, tags, take
from sapper.config.upgrade.step import Note, Written

_GONE = ("nat-traversal", "nat-networks", "auto-update")
_TUNNEL_GONE = ("allow-nat-networks", "allow-public-networks")


def apply(root: Node, written: Written) -> list[Note]:
    ipsec = root.find("vpn", "ipsec")
    if ipsec is None:
        return []
    interfaces = take(ipsec, "ipsec-interfaces")
    if interfaces is not None and (leaf := take(interfaces, "interface")):
        move(leaf, ipsec, "interface")
    for word in _GONE:
        take(ipsec, word)
    for peer in tags(ipsec, "site-to-site", "peer"):
        for tunnel in tags(peer, "tunnel"):
            for word in _TUNNEL_GONE:
                take(tunnel, word)
    rename_word(ipsec, "logging", "log")
    if log := ipsec.child("log"):
        rename_word(log, "log-level", "level")
        rename_word(log, "log-modes", "subsystem")
    return []
