"""Tunnels until 1.2 send with TTL 255, later ones with 64: the old default is written out.

VyOS' own upgrade leaves this to the new default, and so silently changes what a router does.
"""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import spot, tags, write
from sapper.config.upgrade.step import Note, Written

TTL_255 = frozenset({"gre", "ipip", "sit"})


def apply(root: Node, written: Written) -> list[Note]:
    for tunnel in tags(root, "interfaces", "tunnel"):
        encapsulation = tunnel.child("encapsulation")
        if encapsulation is None or not encapsulation.children or encapsulation.values()[-1].word not in TTL_255:
            continue
        if tunnel.find("parameters", "ip", "ttl") is None:
            write(tunnel, "parameters", "ip", "ttl", "255", of=spot(tunnel))
    return []
