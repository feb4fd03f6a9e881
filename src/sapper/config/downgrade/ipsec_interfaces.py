"""``interface X`` is ``ipsec-interfaces interface X``, log has its prefixes: ipsec step 6-to-5."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, rename_word, take, write


def apply(root: Node) -> list[Lacking]:
    ipsec = root.find("vpn", "ipsec")
    if ipsec is None:
        return []
    if interfaces := take(ipsec, "interface"):
        move(interfaces, write(ipsec, "ipsec-interfaces", of=interfaces), "interface")
    if log := ipsec.child("log"):
        rename_word(log, "level", "log-level")
        rename_word(log, "subsystem", "log-modes")
        rename_word(ipsec, "log", "logging")
    return []
