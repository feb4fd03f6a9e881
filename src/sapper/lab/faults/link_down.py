"""An interface set down by somebody, or deleted."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sapper.kernel.plan import TUNNEL_KINDS, Plan
from sapper.lab.faults.fault import Fault, Saw, side_of
from sapper.lab.rig import LabFailed, Rig
from sapper.proof.facts.trust import trust_of
from sapper.proof.states.situation import Move


class LinkDown(Fault, frozen=True, kw_only=True):
    """``ip link set LINK down``: its routes go, and its IPv6 addresses. For an underlay that is the WAN down."""

    name: ClassVar[str] = "link-down"
    undoable: ClassVar[bool] = True

    router: str
    link: str

    def apply(self, rig: Rig) -> Saw:
        self._planned(side_of(rig, self.router).plan)
        rig.ask("ip", node=self.router, lines=[f"link set dev {self.link} down"])
        return {}

    def undo(self, rig: Rig) -> None:
        side_of(rig, self.router)
        rig.ask("set-links", links={self.router: [self.link]}, up=True)

    def _planned(self, plan: Plan) -> None:
        if plan.link(self.link) is None:
            raise LabFailed(f"{self.router} has no interface {self.link}")

    def move(self, plan: Plan) -> Move | None:
        wan = plan.name == self.router and self.link in trust_of(plan).underlays
        return Move("wan-down", self.link) if wan else None

    def bend(self, plan: Plan) -> Plan:
        if plan.name != self.router or self.move(plan) is not None:
            return plan
        lowered = tuple(
            msgspec.structs.replace(link, up=False) if link.name == self.link else link for link in plan.links
        )
        return msgspec.structs.replace(plan, links=lowered)


class LinkDeleted(Fault, frozen=True, kw_only=True):
    """``ip link delete LINK``: a tunnel, dummy or VTI is gone with its addresses and routes."""

    name: ClassVar[str] = "link-deleted"

    router: str
    link: str

    def apply(self, rig: Rig) -> Saw:
        link = side_of(rig, self.router).plan.link(self.link)
        if link is None or link.kind not in {*TUNNEL_KINDS, "dummy", "xfrm"}:
            raise LabFailed(f"{self.router} has no tunnel, dummy interface or VTI {self.link} to delete")
        rig.ask("ip", node=self.router, lines=[f"link delete dev {self.link}"])
        return {}

    def bend(self, plan: Plan) -> Plan:
        if plan.name != self.router:
            return plan
        return msgspec.structs.replace(
            plan,
            links=tuple(link for link in plan.links if link.name != self.link),
            routes=tuple(route for route in plan.routes if route.link != self.link),
        )
