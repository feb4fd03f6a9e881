"""The host's hand in the guest: one method for each thing the lab does to the routers. Knows no lifecycle."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from sapper.kernel.plan import Child, Connection, Plan
from sapper.kernel.wire import encode_plan
from sapper.lab.guest import Guest
from sapper.lab.inside.room import ROOM, vti_mark
from sapper.lab.swanctl import LAB_SECRET, Timers, conf, connection_message, secret_message, updown_script
from sapper.lab.topology import NET, Topology
from sapper.lab.unavailable import LabUnavailable
from sapper.live.install import routes_through
from sapper.proof.lifecycle import Row

_CALL_DEADLINE_S = 90.0
_SA_DEADLINE_S = 20.0
_SCRIPT_DEADLINE_S = 3.0
_START_ACTION_S = 8.0
_WARM_UP_S = 3.0
_POLL_S = 0.25
_INITIATE_TRIES = 3


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One router in the lab: its completed Plan and the connections that lead to the other router."""

    name: str
    plan: Plan
    connections: tuple[Connection, ...]

    @property
    def children(self) -> tuple[Child, ...]:
        """The children that an SA belongs to; bypass policies are none."""
        return tuple(
            child for connection in self.connections for child in connection.children if child.mode != "pass"
        )


class LabFailed(LabUnavailable):
    """The lab could not bring the routers into a state: says which, and what the daemon said."""


class Rig:
    """Drives two sides in one guest."""

    def __init__(self, guest: Guest, topology: Topology, sides: tuple[Side, Side], timers: Timers) -> None:
        self.guest = guest
        self.topology = topology
        self.sides = sides
        self.timers = timers
        self.version = ""
        self._blocked = False
        self._starting = False

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """One request to the agent. Raises LabFailed with its one line."""
        answer = self.guest.call({"do": do, **arguments}, deadline_s=_CALL_DEADLINE_S)
        if not answer.get("ok"):
            raise LabFailed(f"in the guest: {answer.get('error')}")
        return answer

    @property
    def names(self) -> list[str]:
        return [side.name for side in self.sides]

    def build(self) -> None:
        """Namespaces, wires and every node's Plan, and the sockets that watch them."""
        self.ask(
            "build",
            nodes=list(self.topology.plans),
            wires=[list(wire) for wire in self.topology.wires],
            plans={name: encode_plan(plan) for name, plan in self.topology.plans.items()},
        )
        captures = [list(pair) for pair in self.topology.captures]
        self.ask("open-sockets", captures=captures, receivers=list(self.topology.plans))
        self.ask("warm-up", ways=self.topology.neighbours(), limit_s=_WARM_UP_S)

    def take_down(self) -> None:
        """Everything of this pair out of the guest, so that the next can be built."""
        self.kill()
        self.ask("close-sockets")
        self.ask("take-down")

    def block_ike(self, on: bool) -> None:
        """The network between eats IKE, or does not."""
        self.ask("block-ike", node=NET, on=on)
        self._blocked = on
        self._starting = False

    def start(self) -> None:
        """Both daemons start and know the keys, but no connection."""
        scripts = {side.name: _scripts(side) for side in self.sides}
        configurations = {side.name: conf(side.plan, self.timers) for side in self.sides}
        answer = self.ask("start", configurations=configurations, scripts=scripts)
        self.version = f"{answer['version'].get('daemon', 'charon')} {answer['version'].get('version', '')}".strip()
        secrets = _secrets(self.sides)
        for side in self.sides:
            for connection in side.connections:
                self.vici(side, "load-shared", secret_message(connection, secrets))

    def load(self, timers: Timers | None = None, only: Side | None = None) -> None:
        """Both daemons (or one) load their connections; start actions run. The first side comes last."""
        for side in [only] if only else reversed(self.sides):
            for connection in side.connections:
                message = connection_message(connection, timers or self.timers)
                _add_updown(message, side, connection)
                self.vici(side, "load-conn", message)
        starts = any(child.start_action == "start" for side in self.sides for child in side.children)
        self._starting = starts and not self._blocked

    def unload(self, only: Side | None = None) -> None:
        """Both daemons (or one) forget their connections; one that does not know them has nothing to forget."""
        for side in [only] if only else self.sides:
            for connection in side.connections:
                self.ask("vici", node=side.name, command="unload-conn", arguments={"name": connection.name})

    def vici(self, side: Side, command: str, arguments: dict[str, Any], *, stream: bool = False) -> Any:
        """One vici command. Raises LabFailed with the daemon's words."""
        answer = self.ask("vici", node=side.name, command=command, arguments=arguments, stream=stream)
        if "failed" in answer:
            raise LabFailed(f"{side.name}: {command}: {answer['failed']}{self._reason(side)}")
        return answer.get("result")

    def establish(self) -> None:
        """Every child of both sides installed, once, and its VTI raised. Raises LabFailed.

        On a slow machine a side may give up an exchange that the other one has finished. That leaves an SA which
        only one of them knows, or a VTI that the end of the old SA lowered after the new one had raised it: all is
        closed and begun anew.
        """
        for _ in range(_INITIATE_TRIES):
            self._bring_up()
            if not self._doubled() and self._wait(present=True, deadline_s=_SCRIPT_DEADLINE_S, vtis=True):
                return
            for side in self.sides:
                self.terminate(side)
        self._bring_up()

    def require(self, rows: dict[str, Row]) -> None:
        """That each side's daemon is still in its row after a measurement. Raises LabFailed: what was measured is void.

        A trap is left out, since the probes themselves bring its SA up, and so are states behind the daemon's back.
        """
        if any(
            "trap" in (child.start_action, child.close_action) for side in self.sides for child in side.children
        ):
            return
        for side in self.sides:
            row = rows.get(side.name)
            if row is None or not row.daemon or row.state in ("flushed", "restarted"):
                continue
            children = {side.name: [child.name for child in side.children]}
            if not self.ask("wait-for", children=children, present=row.sa, deadline_s=0)["done"]:
                raise LabFailed(f"{side.name} was not in the state {row.label} any more when it had been measured")

    def _doubled(self) -> bool:
        installed = self._installed()
        return any(len(installed[side.name]) > len(side.children) for side in self.sides)

    def _bring_up(self) -> None:
        """By the start action where one is under way, else initiated."""
        if self._wait(present=True, deadline_s=_START_ACTION_S if self._starting else 0.0):
            return
        self._starting = False
        side = self._initiator()
        failure: LabFailed | None = None
        for _ in range(_INITIATE_TRIES):
            try:
                self._initiate(side)
            except LabFailed as refused:
                failure = refused
            if self._wait(present=True, deadline_s=_SA_DEADLINE_S if failure is None else 1.0):
                return
        raise failure or LabFailed(f"no SA between {' and '.join(self.names)}{self._reason(side)}")

    def _initiate(self, side: Side) -> None:
        installed = set(self._installed()[side.name])
        for connection in side.connections:
            missing = [
                child for child in connection.children if child.mode != "pass" and child.name not in installed
            ]
            if missing:
                # What is still asking an unreachable peer would take this request into its own failure.
                self._drop_pending(side, connection)
            for child in missing:
                arguments = {"child": child.name, "ike": connection.name, "timeout": "15000"}
                self.vici(side, "initiate", arguments, stream=True)

    def _drop_pending(self, side: Side, connection: Connection) -> None:
        arguments = {"ike": connection.name, "force": "yes", "timeout": "-1"}
        self.ask("vici", node=side.name, command="terminate", arguments=arguments, stream=True)

    def terminate(self, side: Side) -> None:
        """That side closes all its SAs in an orderly way, and what is only asking; both sides have none afterwards."""
        for connection in side.connections:
            self.ask(
                "vici",
                node=side.name,
                command="terminate",
                arguments={"ike": connection.name, "timeout": "5000"},
                stream=True,
            )
            self._drop_pending(side, connection)
        self._wait(present=False, deadline_s=_SA_DEADLINE_S)

    def wait_gone(self, deadline_s: float, only: list[str] | None = None) -> bool:
        """Waits until no child is installed on those sides."""
        return self._wait(present=False, deadline_s=deadline_s, only=only)

    def wait_states_gone(self, deadline_s: float) -> None:
        """Waits until the kernels themselves have let every state expire."""
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            counts = self.ask("xfrm-counts", nodes=self.names)["xfrm"]
            if all(count["states"] == 0 for count in counts.values()):
                return
            time.sleep(_POLL_S)
        raise LabFailed(f"the states of {' and '.join(self.names)} did not expire within {deadline_s:.0f} s")

    def set_vtis(self, *, up: bool) -> bool:
        """Raises or lowers every VTI by hand; False where there is none."""
        links = {side.name: [link.name for link in side.plan.links if link.raised_by] for side in self.sides}
        self.ask("set-links", links=links, up=up)
        return any(links.values())

    def kill(self) -> None:
        """SIGKILL to both daemons."""
        self.ask("kill", nodes=self.names)

    def stop(self) -> None:
        """SIGTERM to both daemons."""
        self.ask("stop", nodes=self.names)

    def flush(self) -> None:
        """Policies and states flushed behind the daemons' backs."""
        self.ask("flush", nodes=self.names)

    def _initiator(self) -> Side:
        able = [side for side in self.sides if all(connection.remote_addrs for connection in side.connections)]
        if not able:
            raise LabFailed("neither router knows the other's address: no side can initiate")
        eager = [side for side in able if any(child.start_action == "start" for child in side.children)]
        return (eager or able)[0]

    def _wait(self, *, present: bool, deadline_s: float, only: list[str] | None = None, vtis: bool = False) -> bool:
        """Whether the children came (or went) in time; ``vtis``: and their scripts raised (or lowered) the VTIs."""
        sides = [side for side in self.sides if only is None or side.name in only]
        children = {side.name: [child.name for child in side.children] for side in sides}
        links = {side.name: sorted({child.updown for child in side.children if child.updown}) for side in sides}
        answer = self.ask(
            "wait-for",
            children=children,
            vtis=links if vtis else {},
            present=present,
            deadline_s=deadline_s,
        )
        return bool(answer["done"])

    def _installed(self) -> dict[str, list[str]]:
        children = {side.name: [child.name for child in side.children] for side in self.sides}
        answer = self.ask("wait-for", children=children, present=True, deadline_s=0)
        installed: dict[str, list[str]] = answer["installed"]
        return installed

    def _reason(self, side: Side) -> str:
        """The last line of the daemon's log that tells of a failure, without secrets (charon logs none)."""
        text = self.ask("logs", nodes=[side.name])["logs"][side.name]
        telling = ("NO_PROPOSAL", "AUTHENTICATION_FAILED", "no shared key", "TS_UNACCEPTABLE", "failed", "error")
        lines = [line for line in text.splitlines() if any(word in line for word in telling)]
        return f" (charon: {lines[-1].strip()})" if lines else ""


def _secrets(sides: tuple[Side, Side]) -> str:
    for side in sides:
        for connection in side.connections:
            if connection.secret is not None:
                return connection.secret.reveal()
    return LAB_SECRET


def _scripts(side: Side) -> dict[str, str]:
    found = {}
    for child in side.children:
        link = side.plan.link(child.updown) if child.updown else None
        if link is not None:
            routes = routes_through(side.plan, link)
            found[f"updown-{link.name}"] = updown_script(
                side.plan, link.name, routes, vti_mark(side.name, link.name)
            )
    return found


def _add_updown(message: dict[str, Any], side: Side, connection: Connection) -> None:
    for child in connection.children:
        if child.updown:
            message[connection.name]["children"][child.name]["updown"] = f"{ROOM}/{side.name}/updown-{child.updown}"
