"""One router of a lab run: its completed Plan, the connections that are driven, and whom each of them leads to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from sapper.kernel.plan import Child, Connection, Plan
from sapper.lab.inside.room import ROOM, vti_mark
from sapper.lab.swanctl import LAB_SECRET, updown_script
from sapper.live.install import routes_through


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """``connections`` lead to other routers of the run; ``peers`` maps each one's name to that router."""

    name: str
    plan: Plan
    connections: tuple[Connection, ...]
    peers: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def children(self) -> tuple[Child, ...]:
        """The children that an SA belongs to; bypass policies are none."""
        return tuple(
            child for connection in self.connections for child in connection.children if child.mode != "pass"
        )

    def towards(self, router: str) -> tuple[Connection, ...]:
        """The connections that lead to that router."""
        return tuple(item for item in self.connections if self.peers.get(item.name, router) == router)


def secret_of(connection: Connection, side: Side, sides: Sequence[Side]) -> str:
    """The connection's key, or else that of the other end, or else the lab's."""
    if connection.secret is not None:
        return connection.secret.reveal()
    far = side.peers.get(connection.name)
    for other in sides:
        if other is not side and far in (None, other.name):
            for theirs in other.towards(side.name):
                if theirs.secret is not None:
                    return theirs.secret.reveal()
    return LAB_SECRET


def scripts_of(side: Side) -> dict[str, str]:
    """The updown scripts of a side's VTIs, by file name."""
    found = {}
    for child in side.children:
        link = side.plan.link(child.updown) if child.updown else None
        if link is not None:
            routes = routes_through(side.plan, link)
            found[f"updown-{link.name}"] = updown_script(
                side.plan, link.name, routes, vti_mark(side.name, link.name)
            )
    return found


def add_updown(message: dict[str, Any], side: Side, connection: Connection) -> None:
    """Names the scripts in a ``load-conn`` message."""
    for child in connection.children:
        if child.updown:
            message[connection.name]["children"][child.name]["updown"] = f"{ROOM}/{side.name}/updown-{child.updown}"
