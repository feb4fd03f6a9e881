"""The line between a router and the network: cut somewhere beyond, or with the carrier gone."""

from __future__ import annotations

from typing import ClassVar, Literal

from sapper.kernel.plan import Plan
from sapper.lab.faults.fault import Fault, Saw, side_of
from sapper.lab.rig import Rig


class WanCut(Fault, frozen=True, kw_only=True):
    """``beyond``: the network swallows every packet from and to the router, which notices nothing.

    ``carrier``: the line in front of the router is dead. Linux keeps the routes through a link without carrier
    (linkdown) and drops what is sent there.
    """

    name: ClassVar[str] = "wan-cut"
    undoable: ClassVar[bool] = True

    router: str
    how: Literal["beyond", "carrier"] = "beyond"

    def apply(self, rig: Rig) -> Saw:
        self._set(rig, cut=True)
        return {}

    def undo(self, rig: Rig) -> None:
        self._set(rig, cut=False)

    def _set(self, rig: Rig, *, cut: bool) -> None:
        side_of(rig, self.router)
        front = rig.topology.vantages[self.router]
        if self.how == "carrier":
            rig.ask("set-links", links={front.node: [front.link]}, up=not cut)
            rig.ask("await-carrier", node=self.router, link=front.router_link, up=not cut)
        else:
            rig.ask("cut", node=front.node, link=front.link, on=cut)

    def modelled(self, plan: Plan) -> bool:
        return self.how == "beyond" or plan.name != self.router
