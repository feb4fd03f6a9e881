"""A router that loses its power, and comes back."""

from __future__ import annotations

from typing import ClassVar

from sapper.kernel.plan import Plan
from sapper.lab.faults.daemon_killed import begin_anew
from sapper.lab.faults.fault import Fault, Saw, side_of
from sapper.lab.rig import Rig


class Rebooted(Fault, frozen=True, kw_only=True):
    """The daemon is gone without a word, and so is all that the kernel had: states, policies, links, routes.

    Taken back, the router has its configuration again and a new daemon; the other router still has the old SA.
    """

    name: ClassVar[str] = "rebooted"
    undoable: ClassVar[bool] = True

    router: str

    def apply(self, rig: Rig) -> Saw:
        side_of(rig, self.router)
        rig.ask("power-off", node=self.router)
        return {}

    def undo(self, rig: Rig) -> None:
        rig.ask("power-on", node=self.router)
        begin_anew(rig, self.router)

    def modelled(self, plan: Plan) -> bool:
        return plan.name != self.router
