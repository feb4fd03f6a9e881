"""A tunnel's TTL of 64 is written out, because tunnels until 1.2 send with 255."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import spot, tags, write
from sapper.config.upgrade.tunnel_ttl import TTL_255


def apply(root: Node) -> list[Lacking]:
    for tunnel in tags(root, "interfaces", "tunnel"):
        encapsulation = tunnel.child("encapsulation")
        if encapsulation is None or not encapsulation.children or encapsulation.values()[-1].word not in TTL_255:
            continue
        if tunnel.find("parameters", "ip", "ttl") is None:
            write(tunnel, "parameters", "ip", "ttl", "64", of=spot(tunnel))
    return []
