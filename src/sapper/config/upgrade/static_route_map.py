"""``protocols static route-map`` is ``system ip protocol static route-map``: VyOS' quagga step 10-to-11."""

from __future__ import annotations

from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, take, write
from sapper.config.upgrade.step import Note, Written


def apply(root: Node, written: Written) -> list[Note]:
    static = root.find("protocols", "static")
    route_map = take(static, "route-map") if static else None
    if route_map is not None:
        move(route_map, write(root, "system", "ip", "protocol", "static", of=route_map), "route-map")
    return []
