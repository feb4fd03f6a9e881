"""A fault: something that happens to a running lab, with typed parameters, through the rig and nothing else.

``apply`` returns what the fault itself saw (packets injected, a path MTU …), by name, for a scenario to compare.
What a proof may say while the fault lasts is told by ``move`` and ``bend``: a move of the network that the proof
enumerates anyway, or the Plan that describes the changed router. A fault that does neither leaves the proof's
question as it was; one that the proof cannot be asked about has ``modelled`` False.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sapper.kernel.plan import Plan
from sapper.lab.rig import LabFailed, Rig, Side
from sapper.proof.states.situation import Move

Saw = dict[str, int | None]


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault. ``name`` is its word in a scenario file; ``undoable`` says whether :meth:`undo` can do anything.

    ``outlives``: it changes the guest itself, so that the next routers would meet it.
    """

    name: ClassVar[str]
    undoable: ClassVar[bool] = False
    outlives: ClassVar[bool] = False

    def apply(self, rig: Rig) -> Saw:
        """Do it. Raises LabFailed."""
        raise NotImplementedError

    def undo(self, rig: Rig) -> None:
        """Take it back. Raises LabFailed."""
        raise LabFailed(f"{self.name} cannot be taken back")

    def modelled(self, plan: Plan) -> bool:
        """Whether the proof can be asked about the router of that Plan while the fault lasts."""
        return True

    def move(self, plan: Plan) -> Move | None:
        """The network's move that this is for the router of that Plan, if it is one."""
        return None

    def bend(self, plan: Plan) -> Plan:
        """The Plan that describes the router of this (completed) Plan while the fault lasts."""
        return plan


def side_of(rig: Rig, router: str) -> Side:
    """The router of that name. Raises LabFailed."""
    for side in rig.sides:
        if side.name == router:
            return side
    raise LabFailed(f"there is no router {router}; the routers are {', '.join(rig.names)}")


def wan_of(rig: Rig, router: str) -> str:
    """The name of the router's interface towards the network."""
    side_of(rig, router)
    return rig.topology.vantages[router].router_link


def require_guest(rig: Rig, name: str, why: str) -> None:
    """That the lab runs in a guest of its own, not on this host's kernel. Raises LabFailed."""
    if rig.guest.provider == "host":
        raise LabFailed(f"{name} {why}: use --provider vm")
