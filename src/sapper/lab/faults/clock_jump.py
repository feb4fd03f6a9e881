"""The wall clock jumps, as when NTP or an administrator sets it. All routers of a lab share the guest's clock."""

from __future__ import annotations

from typing import ClassVar

from sapper.lab.faults.fault import Fault, Saw, require_guest
from sapper.lab.rig import Rig


class ClockJump(Fault, frozen=True, kw_only=True):
    """CLOCK_REALTIME moves by ``seconds``, forward or (negative) back. CLOCK_MONOTONIC and BOOTTIME do not."""

    name: ClassVar[str] = "clock-jump"
    undoable: ClassVar[bool] = True
    outlives: ClassVar[bool] = True

    seconds: int

    def apply(self, rig: Rig) -> Saw:
        require_guest(rig, self.name, "would set this host's own clock")
        rig.ask("set-clock", seconds=self.seconds)
        return {}

    def undo(self, rig: Rig) -> None:
        rig.ask("set-clock", seconds=-self.seconds)
