"""``system gateway-address A`` is the default route ``protocols static route 0.0.0.0/0 next-hop A``."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import take, write
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    system = root.child("system")
    gateway = take(system, "gateway-address") if system else None
    for value in gateway.children.values() if gateway else ():
        write(root, "protocols", "static", "route", "0.0.0.0/0", "next-hop", value.word, of=value)
    return []
