"""The host's hand in the guest: one method for each thing the lab does to the routers. Knows no lifecycle."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from sapper.kernel.plan import Connection
from sapper.kernel.wire import encode_plan
from sapper.lab.establishing import LabFailed, deadline_s, establish
from sapper.lab.guest import Guest
from sapper.lab.routing import SETTLED_S, Learnt, all_announced, protocol_conf, read_learnt, zebra_conf
from sapper.lab.side import Side, add_updown, scripts_of, secret_of
from sapper.lab.swanctl import Timers, conf, connection_message, secret_message
from sapper.lab.topology import Topology
from sapper.proof.states.lifecycle import Row

__all__ = ["LabFailed", "Rig", "Side"]

_CALL_DEADLINE_S = 90.0
_TELLING = (
    *("NO_PROPOSAL", "AUTHENTICATION_FAILED", "TS_UNACCEPTABLE", "no shared key", "mismatched"),
    *("no matching", "no alternative", "canceling", "giving up", "failed", "error"),
)
_WARM_UP_S = 3.0
_POLL_S = 0.25
_LEARNT_LIMIT_S = 30.0


class Rig:
    """Drives the sides of a topology in one guest."""

    def __init__(self, guest: Guest, topology: Topology, sides: Sequence[Side], timers: Timers) -> None:
        self.guest = guest
        self.topology = topology
        self.sides = tuple(sides)
        self.timers = timers
        self.version = ""
        self._blocked = False
        self.starting = False

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
            furnishings={
                name: {"ip": item.ip, "tc": item.tc, "nft": item.nft}
                for name, item in self.topology.furnishings.items()
            },
        )
        captures = [list(pair) for pair in self.topology.captures]
        self.ask("open-sockets", captures=captures, receivers=list(self.topology.plans))
        self.ask("warm-up", ways=self.topology.neighbours(), limit_s=_WARM_UP_S)

    def start_routing(self, tree: str) -> None:
        """The routing daemons of the topology, which are below that directory, start."""
        files: dict[str, dict[str, str]] = {}
        for item in self.topology.routing:
            texts = files.setdefault(item.router, {"zebra": zebra_conf(item.router)})
            texts[f"{item.protocol}d"] = protocol_conf(item)
        self.ask("start-routing", tree=tree, configurations=files)

    def learnt(self, *, everything: bool) -> dict[str, Learnt]:
        """What every router has learnt, once that is settled; ``everything``: all that its peers announce is to come."""
        if not self.topology.routing:
            return {}
        wanted = {
            item.router: [str(prefix) for prefix in all_announced(self.topology, item)]
            for item in self.topology.routing
        }
        return self._learnt(wanted=wanted if everything else None, still_s=SETTLED_S, limit_s=_LEARNT_LIMIT_S)

    def learnt_now(self) -> dict[str, Learnt]:
        """The same without waiting."""
        return self._learnt(wanted=None, still_s=0.0, limit_s=0.0) if self.topology.routing else {}

    def _learnt(self, **arguments: Any) -> dict[str, Learnt]:
        answer = self.ask("learnt-routes", **arguments)
        return {router: read_learnt(raw) for router, raw in answer["learnt"].items()}

    def take_down(self) -> None:
        """Everything of this run out of the guest, so that the next can be built."""
        if self.topology.routing:
            self.ask("stop-routing")
        self.kill()
        self.ask("close-sockets")
        self.ask("take-down")

    def block_ike(self, on: bool, *, everything: bool = False) -> None:
        """The networks between eat IKE, or do not; ``everything``: they eat all else, too."""
        for node in self.topology.nets:
            self.ask("block-ike", node=node, on=on, everything=everything)
        self._blocked = on
        self.starting = False

    def start(self, only: Side | None = None) -> None:
        """All daemons (or one) start and know the keys, but no connection."""
        starting = [only] if only else self.sides
        scripts = {side.name: scripts_of(side) for side in starting}
        configurations = {side.name: conf(side.plan, self.timers) for side in starting}
        answer = self.ask("start", configurations=configurations, scripts=scripts)
        self.version = f"{answer['version'].get('daemon', 'charon')} {answer['version'].get('version', '')}".strip()
        self.vici_all(
            (side.name, "load-shared", secret_message(connection, secret_of(connection, side, self.sides)))
            for side in starting
            for connection in side.connections
        )

    def load(self, timers: Timers | None = None, only: Side | None = None) -> None:
        """All daemons (or one) load their connections; start actions run, so whoever has one comes last."""
        commands = []
        order = sorted(self.sides, key=lambda side: (starts(side), -self.sides.index(side)))
        for side in [only] if only else order:
            for connection in side.connections:
                message = connection_message(connection, timers or self.timers)
                add_updown(message, side, connection)
                commands.append((side.name, "load-conn", message))
        self.vici_all(commands)
        self.starting = any(map(starts, self.sides)) and not self._blocked

    def unload(self, only: Side | None = None) -> None:
        """All daemons (or one) forget their connections; one that does not know them has nothing to forget."""
        self.vici_all(
            (
                (side.name, "unload-conn", {"name": connection.name})
                for side in ([only] if only else self.sides)
                for connection in side.connections
            ),
            strict=False,
        )

    def vici_all(
        self, commands: Iterable[tuple[str, str, dict[str, Any]]], *, stream: bool = False, strict: bool = True
    ) -> None:
        """Many vici commands in one request, in order. Raises LabFailed at the first that failed if ``strict``."""
        wanted = list(commands)
        sides = {side.name: side for side in self.sides}
        answer = self.ask("vici-all", commands=[list(item) for item in wanted], stream=stream, strict=strict)
        if strict and answer.get("failed"):
            node, command, _ = wanted[answer["at"]]
            raise LabFailed(f"{node}: {command}: {answer['failed']}{self.reason(sides[node])}")

    def vici(self, side: Side, command: str, arguments: dict[str, Any], *, stream: bool = False) -> Any:
        """One vici command. Raises LabFailed with the daemon's words."""
        answer = self.ask("vici", node=side.name, command=command, arguments=arguments, stream=stream)
        if "failed" in answer:
            raise LabFailed(f"{side.name}: {command}: {answer['failed']}{self.reason(side)}")
        return answer.get("result")

    def establish(self) -> None:
        """Every child of all sides installed, once, and its VTI raised. Raises LabFailed."""
        establish(self)

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

    def drop_pending(self, side: Side, connection: Connection) -> None:
        """Whatever that connection is only asking for is given up."""
        arguments = {"ike": connection.name, "force": "yes", "timeout": "-1"}
        self.ask("vici", node=side.name, command="terminate", arguments=arguments, stream=True)

    def terminate(self, side: Side, towards: frozenset[str] | None = None) -> None:
        """That side closes its SAs in an orderly way, and what is only asking: all of them, or those with some routers.

        No side has any of them afterwards.
        """
        chosen = [item for item in side.connections if towards is None or side.peers.get(item.name) in towards]
        for connection in chosen:
            self.ask(
                "vici",
                node=side.name,
                command="terminate",
                arguments={"ike": connection.name, "timeout": "5000"},
                stream=True,
            )
            self.drop_pending(side, connection)
        self._wait_closed(side, chosen)

    def _wait_closed(self, side: Side, connections: Sequence[Connection]) -> None:
        """Until neither that side nor its peers have a child of those connections."""
        children = {side.name: [child.name for item in connections for child in item.children]}
        for connection in connections:
            for other in self.sides:
                if other is not side and side.peers.get(connection.name, other.name) == other.name:
                    theirs = [child.name for item in other.towards(side.name) for child in item.children]
                    children.setdefault(other.name, []).extend(theirs)
        self.ask("wait-for", children=children, vtis={}, present=False, deadline_s=deadline_s(self))

    def wait_gone(self, deadline_s: float, only: list[str] | None = None) -> bool:
        """Waits until no child is installed on those sides."""
        return self.wait(present=False, deadline_s=deadline_s, only=only)

    def wait_states_gone(self, deadline_s: float) -> None:
        """Waits until the kernels themselves have let every state expire."""
        end = time.monotonic() + deadline_s
        counts: dict[str, dict[str, int]] = {}
        while time.monotonic() < end:
            counts = self.ask("xfrm-counts", nodes=self.names)["xfrm"]
            if all(count["states"] == 0 for count in counts.values()):
                return
            time.sleep(_POLL_S)
        left = [f"{name} has {count['states']} of {count['longest_s']} s" for name, count in counts.items()]
        raise LabFailed(f"the states did not expire within {deadline_s:.0f} s: {', '.join(left)}")

    def set_vtis(self, *, up: bool) -> bool:
        """Raises or lowers every VTI by hand; False where there is none."""
        links = {side.name: [link.name for link in side.plan.links if link.raised_by] for side in self.sides}
        self.ask("set-links", links=links, up=up)
        return any(links.values())

    def kill(self, only: Side | None = None) -> None:
        """SIGKILL to all daemons (or one)."""
        self.ask("kill", nodes=[only.name] if only else self.names)

    def stop(self, only: Side | None = None) -> None:
        """SIGTERM to all daemons (or one)."""
        self.ask("stop", nodes=[only.name] if only else self.names)

    def flush(self, only: Side | None = None) -> None:
        """Policies and states flushed behind the daemons' backs (or one's)."""
        self.ask("flush", nodes=[only.name] if only else self.names)

    def wait(self, *, present: bool, deadline_s: float, only: list[str] | None = None, vtis: bool = False) -> bool:
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

    def installed(self) -> dict[str, list[str]]:
        """The names of every side's children that are installed, once for each SA."""
        children = {side.name: [child.name for child in side.children] for side in self.sides}
        answer = self.ask("wait-for", children=children, present=True, deadline_s=0)
        installed: dict[str, list[str]] = answer["installed"]
        return installed

    def reason(self, side: Side) -> str:
        """The last line of the daemon's log that tells of a failure, and of its peers', who know why they refused.

        Without secrets: charon logs none.
        """
        asked = [side, *(other for other in self.sides if other.name in side.peers.values())]
        logs = self.ask("logs", nodes=[each.name for each in asked])["logs"]
        found = {
            each.name: [line for line in logs[each.name].splitlines() if any(word in line for word in _TELLING)]
            for each in asked
        }
        last = [f"{name}'s charon: {lines[-1].strip()}" for name, lines in found.items() if lines]
        return f" ({'; '.join(last)})" if last else ""


def starts(side: Side) -> bool:
    """Whether a connection of that side begins by itself when it is loaded."""
    return any(child.start_action == "start" for child in side.children)
