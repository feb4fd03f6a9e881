"""``system ip protocol static route-map`` is ``protocols static route-map``: quagga step 11-to-10."""

from __future__ import annotations

from sapper.config.downgrade.step import Lacking
from sapper.config.tree import Node
from sapper.config.upgrade.graft import move, prune, take, write


def apply(root: Node) -> list[Lacking]:
    static = root.find("system", "ip", "protocol", "static")
    route_map = take(static, "route-map") if static else None
    if route_map is not None:
        move(route_map, write(root, "protocols", "static", of=route_map), "route-map")
        prune(root, "system", "ip", "protocol", "static")
    return []
