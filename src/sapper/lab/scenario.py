"""The way through the lifecycle with a real daemon: every state is reached by the event that leads to it.

Yields a point whenever the routers are in states worth measuring; the point names the row of the lifecycle table in
which each of them is. The order saves daemon starts, it means nothing. Where one end of an SA must do what the other
does not, routers act by colours: no two of a colour are peers, so that a hub's spokes all act at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from sapper.lab.rig import LabFailed, Rig, Side
from sapper.proof.states.lifecycle import Row
from sapper.proof.states.situation import rows_for

EXPIRY_S = 3
CRASH_LIFE_S = 7
_PAIR = 2
# What a further router adds to the time that all SAs need to come up, and a measurement to see them all.
_EXPIRY_OF_EACH_S = 0.5
_CRASH_LIFE_OF_EACH_S = 1.5
_GONE_S = 17.0  # beside the time after which an exchange is given up


def expiry_s(routers: int) -> int:
    """The hard lifetime for the state expired, in seconds."""
    return EXPIRY_S + int(_EXPIRY_OF_EACH_S * max(0, routers - _PAIR))


def crash_life_s(routers: int) -> int:
    """The hard lifetime for the states crashed and restarted, in seconds."""
    return CRASH_LIFE_S + int(_CRASH_LIFE_OF_EACH_S * max(0, routers - _PAIR))


# A side that closes its SAs: all of them, or those with some routers.
Closing = tuple[Side, frozenset[str] | None]


class Point(msgspec.Struct, frozen=True):
    """``rows`` maps a router to its row; a router in no row of its own is not measured."""

    label: str
    rows: dict[str, Row]


def drive(rig: Rig, wanted: frozenset[str], progress: Callable[[str], None]) -> Iterator[Point]:
    """Goes through the wanted states; leaves no daemon running."""
    for phase, reached in _PHASES:
        if phase is _before_sa or wanted & reached:
            for point in phase(rig):
                if {row.state for row in point.rows.values()} & wanted:
                    progress(point.label)
                    yield point
    rig.kill()


def _colours(sides: tuple[Side, ...]) -> list[tuple[Side, ...]]:
    """The sides in groups that have no peers among themselves, in order of their first; greedy, so of a tree two."""
    colour: dict[str, int] = {}
    for side in sides:
        near = {other.name for other in sides if other is not side and _are_peers(side, other)}
        taken = {colour[name] for name in near if name in colour}
        colour[side.name] = next(number for number in range(len(sides)) if number not in taken)
    return [
        tuple(side for side in sides if colour[side.name] == number) for number in range(max(colour.values()) + 1)
    ]


def _are_peers(one: Side, other: Side) -> bool:
    return bool(one.towards(other.name) or other.towards(one.name))


def _named(sides: Sequence[Side], word: str) -> str:
    """``east local``; where there are many, how many."""
    if len(sides) > _PAIR:
        return f"{len(sides)} routers {word}"
    return ", ".join(f"{side.name} {word}" for side in sides)


def _point(rig: Rig, state: str, variant: str | None = None, **causes: str) -> Point:
    """The same state on all sides where they have it, each with its own cause if one is given (by router name)."""
    rows = {
        side.name: row
        for side in rig.sides
        for row in rows_for(side.connections)
        if (row.state, row.cause, row.variant) == (state, causes.get(side.name), variant)
    }
    told = [
        _named([side for side in rig.sides if causes.get(side.name) == cause], cause)
        for cause in dict.fromkeys(causes.values())
    ]
    extra = ", ".join(word for word in (variant, *told) if word)
    return Point(f"{state} ({extra})" if extra else state, rows)


def _before_sa(rig: Rig) -> Iterator[Point]:
    yield _point(rig, "boot")
    rig.block_ike(True)
    rig.start()
    rig.load()
    yield _point(rig, "negotiating")
    point = _point(rig, "reloading", "before an SA")
    if point.rows:
        rig.unload()
        yield point
        rig.load()
    rig.block_ike(False)


def _orderly(rig: Rig) -> Iterator[Point]:
    rig.establish()
    yield _point(rig, "up")
    raised_by_hand = False
    for closing in _closings(rig.sides):
        rig.establish()
        for side, towards in closing:
            rig.terminate(side, towards)
        point = _closed(rig, closing)
        yield point
        if not raised_by_hand:
            raised_by_hand = True
            if rig.set_vtis(up=True):
                # The updown script has lost updates: the VTI may be up although no SA is.
                yield msgspec.structs.replace(point, label=f"{point.label}, VTI raised by hand")
                rig.set_vtis(up=False)
    watching = [side for side in rig.sides if _has_dpd(side)]
    if watching:
        rig.establish()
        # ESP that still comes in tells charon that the peer lives, and a routing protocol never falls silent.
        rig.block_ike(True, everything=True)
        _await_gone(rig, [side.name for side in watching])
        rig.block_ike(True)
        yield _point(rig, "deleted", **{side.name: "dpd" for side in watching})
        rig.block_ike(False)
        for side in rig.sides:
            rig.terminate(side)


def _closings(sides: tuple[Side, ...]) -> Iterator[list[Closing]]:
    """Who closes what, so that every side has once closed all its SAs and once had all of them closed by its peers."""
    groups = _colours(sides)
    for group in groups:
        yield [(side, None) for side in group]
    if len(groups) > _PAIR:
        for group in groups:
            names = frozenset(side.name for side in group)
            yield [(side, names) for side in sides if side not in group]


def _closed(rig: Rig, closing: list[Closing]) -> Point:
    """Local for who has closed all, peer for whose peers have; a side with some SAs left is in no row."""
    local = [side.name for side, towards in closing if towards is None]
    causes = dict.fromkeys(local, "local")
    for side in rig.sides:
        near = [other.name for other in rig.sides if other is not side and _are_peers(side, other)]
        told = [
            name for other, towards in closing for name in near if name == other.name and _reaches(towards, side)
        ]
        if side.name not in causes and set(told) == set(near):
            causes[side.name] = "peer"
    return _point(rig, "deleted", **causes)


def _reaches(towards: frozenset[str] | None, side: Side) -> bool:
    return towards is None or side.name in towards


def _await_gone(rig: Rig, only: list[str] | None = None) -> None:
    """Until no SA is left there; nobody answers, so an exchange may have to be given up twice. Raises LabFailed."""
    deadline_s = _GONE_S + 2 * rig.timers.give_up_s
    if not rig.wait_gone(deadline_s, only=only):
        where = ", ".join(only) if only is not None else "some router"
        raise LabFailed(f"an SA was left on {where} after {deadline_s:.0f} s")


def _has_dpd(side: Side) -> bool:
    return any(connection.dpd_delay_s is not None for connection in side.connections)


def _expiry(rig: Rig) -> Iterator[Point]:
    """charon makes a child anew after its hard expiry, so the peer must not answer; DPD would be there earlier."""
    life_time_s = expiry_s(len(rig.sides))
    _ready(rig, life_time_s=life_time_s, dpd=False)
    rig.establish()
    rig.block_ike(True)
    rig.wait_states_gone(life_time_s + 15.0)
    _await_gone(rig)
    yield _point(rig, "expired")
    rig.block_ike(False)
    _ready(rig)


def _reload(rig: Rig) -> Iterator[Point]:
    for group in reversed(_colours(rig.sides)):
        rig.establish()
        for side in group:
            rig.unload(side)
        point = _reloading(group)
        closed = [name for name, row in point.rows.items() if not row.sa]
        if closed:
            _await_gone(rig, closed)
        if point.rows:
            yield point
        for side in group:
            rig.load(only=side)


def _reloading(group: tuple[Side, ...]) -> Point:
    """A point for one group alone: what its peers are in then is not what is measured."""
    rows = {}
    for side in group:
        actions = {child.start_action == "start" for child in side.children}
        # A router that reloads connections of both kinds is in no row as a whole.
        if len(actions) == 1:
            rows[side.name] = next(row for row in rows_for(side.connections) if row.state == "reloading")
    variants = ", ".join(dict.fromkeys(row.variant or "" for row in rows.values()))
    names = group[0].name if len(group) == 1 else f"{len(group)} routers"
    return Point(f"reloading ({names}, {variants})", rows)


def _ready(rig: Rig, life_time_s: int | None = None, *, dpd: bool = True) -> None:
    """No SA, and the connections loaded with that lifetime."""
    for side in rig.sides:
        rig.terminate(side)
    rig.unload()
    rig.load(msgspec.structs.replace(rig.timers, life_time_s=life_time_s, dpd=dpd))


def _tampering_and_stop(rig: Rig) -> Iterator[Point]:
    rig.establish()
    rig.flush()
    yield _point(rig, "flushed")
    _ready(rig)
    rig.establish()
    rig.stop()
    yield _point(rig, "stopped")
    # Not loaded yet: a start action that is under way would bring its SA up after the lifetimes have been changed.
    rig.start()


def _crash(rig: Rig) -> Iterator[Point]:
    life_time_s = crash_life_s(len(rig.sides))
    _ready(rig, life_time_s=life_time_s, dpd=False)
    rig.establish()
    rig.kill()
    yield _point(rig, "crashed")
    rig.block_ike(True)
    rig.start()
    rig.load()
    yield _point(rig, "restarted")
    rig.wait_states_gone(life_time_s + 15.0)
    yield _point(rig, "restarted", "lifetime passed")
    rig.kill()
    yield _point(rig, "crashed", "lifetime passed")


# The phases in order and the states that each reaches; one none of whose states are wanted is left out, but for the
# first, which starts the daemons.
_PHASES: tuple[tuple[Callable[[Rig], Iterator[Point]], frozenset[str]], ...] = (
    (_before_sa, frozenset({"boot", "negotiating", "reloading"})),
    (_orderly, frozenset({"up", "deleted"})),
    (_expiry, frozenset({"expired"})),
    (_reload, frozenset({"reloading"})),
    (_tampering_and_stop, frozenset({"flushed", "stopped"})),
    (_crash, frozenset({"crashed", "restarted"})),
)
