"""Bringing up every SA between the routers of a rig, once each.

On a slow machine a side may give up an exchange that the other one has finished. That leaves an SA which only one of
them knows, or a VTI that the end of the old SA lowered after the new one had raised it: all is closed and begun anew.
Where there are many routers a few requests are given before any is waited for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from sapper.kernel.plan import Child, Connection
from sapper.lab.side import Side
from sapper.lab.unavailable import LabUnavailable

if TYPE_CHECKING:
    from sapper.lab.rig import Rig

_SA_DEADLINE_S = 20.0
_SA_DEADLINE_OF_EACH_S = 2.0
_SCRIPT_DEADLINE_S = 3.0
_START_ACTION_S = 8.0
_TRIES = 3
_AT_ONCE = 5
_PAIR = 2


class LabFailed(LabUnavailable):
    """The lab could not bring the routers into a state: says which, and what the daemon said."""


def deadline_s(rig: Rig) -> float:
    """How long all SAs of the rig may take to come or to go."""
    return _SA_DEADLINE_S + _SA_DEADLINE_OF_EACH_S * (len(rig.sides) - _PAIR)


def establish(rig: Rig) -> None:
    """Every child of all sides installed, once, and its VTI raised. Raises LabFailed."""
    for _ in range(_TRIES):
        _bring_up(rig)
        if not _doubled(rig) and rig.wait(present=True, deadline_s=_SCRIPT_DEADLINE_S * len(rig.sides), vtis=True):
            return
        for side in rig.sides:
            rig.terminate(side)
    _bring_up(rig)


def _doubled(rig: Rig) -> bool:
    installed = rig.installed()
    return any(len(installed[side.name]) > len(side.children) for side in rig.sides)


def _bring_up(rig: Rig) -> None:
    """By the start action where one is under way, else initiated."""
    if rig.wait(present=True, deadline_s=_START_ACTION_S if rig.starting else 0.0):
        return
    rig.starting = False
    requests = list(_requests(rig))
    failure: LabFailed | None = None
    for _ in range(_TRIES):
        failure = None
        try:
            if len(rig.sides) > _PAIR:
                _initiate_all(rig, requests)
            else:
                _initiate_each(rig, requests)
        except LabFailed as refused:
            failure = refused
        if rig.wait(present=True, deadline_s=deadline_s(rig) if failure is None else 1.0):
            return
    raise failure or LabFailed(f"no SA between {' and '.join(_lacking(rig))}{rig.reason(requests[0][0])}")


def _lacking(rig: Rig) -> list[str]:
    """The sides that lack a child, all of them if none does."""
    installed = rig.installed()
    lacking = [
        side.name for side in rig.sides if {child.name for child in side.children} - set(installed[side.name])
    ]
    return lacking or rig.names


def _requests(rig: Rig) -> Iterator[tuple[Side, Connection]]:
    """For every two routers with connections to each other, those of the side that asks. Raises LabFailed."""
    for first, second in combinations(rig.sides, 2):
        ends = [(first, first.towards(second.name)), (second, second.towards(first.name))]
        if not all(connections for _, connections in ends):
            continue
        able = [end for end in ends if all(connection.remote_addrs for connection in end[1])]
        if not able:
            where = f"{first.name} nor {second.name}" if len(rig.sides) > _PAIR else "router"
            raise LabFailed(f"neither {where} knows the other's address: no side can initiate")
        eager = [end for end in able if any(_starts(connection) for connection in end[1])]
        side, connections = (eager or able)[0]
        yield from ((side, connection) for connection in connections)


def _starts(connection: Connection) -> bool:
    return any(child.start_action == "start" for child in connection.children)


def _missing(connection: Connection, installed: set[str]) -> list[Child]:
    return [child for child in connection.children if child.mode != "pass" and child.name not in installed]


def _initiate_each(rig: Rig, requests: list[tuple[Side, Connection]]) -> None:
    installed = rig.installed()
    for side, connection in requests:
        missing = _missing(connection, set(installed[side.name]))
        if missing:
            # What is still asking an unreachable peer would take this request into its own failure.
            rig.drop_pending(side, connection)
        for child in missing:
            arguments = {"child": child.name, "ike": connection.name, "timeout": "15000"}
            rig.vici(side, "initiate", arguments, stream=True)


def _initiate_all(rig: Rig, requests: list[tuple[Side, Connection]]) -> None:
    """A few are asked for at once, so that one router in the middle of many keeps up with them."""
    installed = rig.installed()
    lacking = [
        (side, connection, missing)
        for side, connection in requests
        if (missing := _missing(connection, set(installed[side.name])))
    ]
    for at in range(0, len(lacking), _AT_ONCE):
        wave = lacking[at : at + _AT_ONCE]
        commands: list[tuple[str, str, dict[str, str]]] = []
        children: dict[str, list[str]] = {}
        for side, connection, missing in wave:
            names = [child.name for child in missing]
            # A timeout of -1 does not wait (vici_control.c).
            commands.append((side.name, "terminate", {"ike": connection.name, "force": "yes", "timeout": "-1"}))
            commands += [
                (side.name, "initiate", {"child": name, "ike": connection.name, "timeout": "-1"}) for name in names
            ]
            children.setdefault(side.name, []).extend(names)
        rig.vici_all(commands, stream=True, strict=False)
        rig.ask("wait-for", children=children, vtis={}, present=True, deadline_s=rig.timers.give_up_s)
