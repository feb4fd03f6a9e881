"""A more specific route, as a DHCP server (option 121, RFC 3442) or a router advertisement can announce it.

That is TunnelVision (CVE-2024-3661): the protected network's packets follow the longer prefix, past the tunnel.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sapper.address import Prefix
from sapper.kernel.plan import Link, Plan, Route
from sapper.lab.faults.fault import Fault, Saw, side_of
from sapper.lab.rig import Rig
from sapper.lab.topology import underlay_of
from sapper.proof.states.situation import Move
from sapper.proof.walk.routing import ANNOUNCED_DISTANCE


class AnnouncedRoute(Fault, frozen=True, kw_only=True):
    """A route for ``prefix`` through the interface towards the network, with the metric that VyOS gives leases."""

    name: ClassVar[str] = "announced-route"
    undoable: ClassVar[bool] = True

    router: str
    prefix: Prefix
    link: str | None = None

    def apply(self, rig: Rig) -> Saw:
        rig.ask("ip", node=self.router, lines=[self._line(rig, "replace")])
        return {}

    def undo(self, rig: Rig) -> None:
        rig.ask("ip", node=self.router, lines=[self._line(rig, "delete")])

    def _line(self, rig: Rig, verb: str) -> str:
        link = self._link(side_of(rig, self.router).plan)
        return f"-{self.prefix.family} route {verb} {self.prefix} dev {link.name} metric {ANNOUNCED_DISTANCE}"

    def move(self, plan: Plan) -> Move | None:
        """Where the interface takes announcements, this is what the proof enumerates; elsewhere a route like any."""
        link = self._link(plan)
        return Move("more-specific", link.name) if plan.name == self.router and link.dynamic else None

    def bend(self, plan: Plan) -> Plan:
        if plan.name != self.router or self.move(plan) is not None:
            return plan
        own = Route(prefix=self.prefix, link=self._link(plan).name, metric=ANNOUNCED_DISTANCE)
        return msgspec.structs.replace(plan, routes=(*plan.routes, own))

    def _link(self, plan: Plan) -> Link:
        return (plan.link(self.link) if self.link else None) or underlay_of(plan)
