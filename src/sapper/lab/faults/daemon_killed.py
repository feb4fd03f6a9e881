"""A daemon killed: while nothing happens, or at an exact moment of a negotiation."""

from __future__ import annotations

from typing import ClassVar, Literal

from sapper.lab.faults.fault import Fault, Saw, require_guest, side_of, wan_of
from sapper.lab.rig import LabFailed, Rig, Side

_LIMIT_S = 15.0
Moment = Literal[
    "init-request", "init-response", "auth-request", "auth-response",
    "state", "state:2", "policy", "policy:2", "policy:3", "policy:4", "policy:5", "policy:6",
]  # fmt: skip


class DaemonKilled(Fault, frozen=True, kw_only=True):
    """SIGKILL to the router's daemon, or to all. Taken back by a new daemon, with the connections loaded again."""

    name: ClassVar[str] = "daemon-killed"
    undoable: ClassVar[bool] = True

    router: str | None = None

    def apply(self, rig: Rig) -> Saw:
        rig.kill(side_of(rig, self.router) if self.router else None)
        return {}

    def undo(self, rig: Rig) -> None:
        begin_anew(rig, self.router)


class KilledNegotiating(Fault, frozen=True, kw_only=True):
    """``initiator`` (the first router that can) asks for the SA, and ``router``'s daemon is killed at the moment.

    ``init-request`` … ``auth-response``: that IKE message has just been seen at the router's own interface, sent or
    received, and nothing after it was done. ``state:N``, ``policy:N``: the daemon has just put its N-th state or
    policy into the kernel, and not the next. There must be no SA before.
    """

    name: ClassVar[str] = "killed-negotiating"
    undoable: ClassVar[bool] = True

    router: str
    moment: Moment
    initiator: str | None = None

    def apply(self, rig: Rig) -> Saw:
        require_guest(rig, self.name, "is exact on one processor only")
        killed, asking = side_of(rig, self.router), self._asking(rig)
        connection = asking.connections[0]
        child = next(child for child in connection.children if child.mode != "pass")
        answer = rig.ask(
            "kill-at",
            node=killed.name,
            link=wan_of(rig, killed.name),
            initiator=asking.name,
            ike=connection.name,
            child=child.name,
            moment=self.moment,
            limit_s=_LIMIT_S,
        )
        if not answer["killed"]:
            seen = ", ".join(answer["seen"]) or "nothing"
            raise LabFailed(f"the moment {self.moment} did not come at {self.router}; seen: {seen}")
        return {}

    def _asking(self, rig: Rig) -> Side:
        if self.initiator is not None:
            return side_of(rig, self.initiator)
        able = [side for side in rig.sides if side.connections and side.connections[0].remote_addrs]
        if not able:
            raise LabFailed("no router knows the other's address: none can initiate")
        return able[0]

    def undo(self, rig: Rig) -> None:
        begin_anew(rig, self.router)


def begin_anew(rig: Rig, router: str | None) -> None:
    """A new daemon for that router (None: for each), the connections loaded."""
    only = side_of(rig, router) if router else None
    rig.start(only)
    rig.load(only=only)
    if only is not None and not any(child.start_action == "start" for child in only.children):
        rig.starting = False
