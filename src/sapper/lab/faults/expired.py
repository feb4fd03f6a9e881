"""An SA that reaches its hard limit: of time, of bytes, or of packets. The kernel counts and ends it, not the daemon."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from sapper.lab.faults.fault import Fault, Saw
from sapper.lab.faults.traffic import Load, tunnel_flows
from sapper.lab.rig import Rig
from sapper.lab.swanctl import Timers

_GRACE_S = 20.0


class ShortLife(Fault, frozen=True, kw_only=True):
    """The connections are loaded anew with that hard limit (seconds, bytes or packets), and brought up.

    No rekeying comes before, and no DPD. Taken back, they are loaded with their own lifetimes, without an SA.
    """

    name: ClassVar[str] = "short-life"
    undoable: ClassVar[bool] = True

    by: Literal["time", "bytes", "packets"]
    limit: int

    def apply(self, rig: Rig) -> Saw:
        limits = {"time": "life_time_s", "bytes": "life_bytes", "packets": "life_packets"}
        _load_anew(rig, msgspec.structs.replace(rig.timers, dpd=False, **{limits[self.by]: self.limit}))
        rig.establish()
        return {}

    def undo(self, rig: Rig) -> None:
        rig.block_ike(False)
        _load_anew(rig, rig.timers)


class Expired(Fault, frozen=True, kw_only=True):
    """``short-life``, and the limit is then used up.

    ``peer_silent``: the network eats IKE meanwhile, because charon makes a child anew at once if the peer answers.
    Taken back, IKE passes again and the connections have their own lifetimes. Saw what a load does.
    """

    name: ClassVar[str] = "expired"
    undoable: ClassVar[bool] = True

    by: Literal["time", "bytes", "packets"]
    limit: int
    peer_silent: bool = True

    def apply(self, rig: Rig) -> Saw:
        self._short_life.apply(rig)
        rig.block_ike(self.peer_silent)
        saw: Saw = {}
        if self.by != "time":
            saw = Load.start(rig, tunnel_flows(rig), rounds=self._rounds()).stop().numbers()
        if self.peer_silent:
            rig.wait_states_gone(_GRACE_S + (self.limit if self.by == "time" else 0))
            rig.wait_gone(_GRACE_S)
        return saw

    def undo(self, rig: Rig) -> None:
        self._short_life.undo(rig)

    @property
    def _short_life(self) -> ShortLife:
        return ShortLife(by=self.by, limit=self.limit)

    def _rounds(self) -> int:
        """More than the limit lets through; a probe has a hundred bytes and more."""
        return self.limit + 5 if self.by == "packets" else self.limit // 100 + 5


def _load_anew(rig: Rig, timers: Timers) -> None:
    for side in rig.sides:
        rig.terminate(side)
    rig.unload()
    rig.load(timers)
