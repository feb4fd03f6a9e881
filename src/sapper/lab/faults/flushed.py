"""Policies and states flushed by somebody, behind the daemon's back."""

from __future__ import annotations

from typing import ClassVar

from sapper.lab.faults.fault import Fault, Saw, side_of
from sapper.lab.rig import Rig


class Flushed(Fault, frozen=True, kw_only=True):
    """``ip xfrm policy flush`` and ``ip xfrm state flush`` on one router, or on all."""

    name: ClassVar[str] = "flushed"

    router: str | None = None

    def apply(self, rig: Rig) -> Saw:
        rig.flush(side_of(rig, self.router) if self.router else None)
        return {}
