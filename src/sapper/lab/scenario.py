"""The way through the lifecycle with a real daemon: every state is reached by the event that leads to it.

Yields a point whenever both routers are in states worth measuring; the point names the row of the lifecycle table in
which each of them is. The order saves daemon starts, it means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from sapper.lab.rig import Rig, Side
from sapper.proof.lifecycle import Row
from sapper.proof.situation import rows_for

EXPIRY_S = 3
CRASH_LIFE_S = 7


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


def _one_sided(rig: Rig, side: Side, state: str) -> Point:
    """A point for one router alone: the other one's state is not the one that is measured."""
    row = next(row for row in rows_for(side.connections) if row.state == state)
    return Point(f"{state} ({side.name}, {row.variant})", {side.name: row})


def _point(rig: Rig, state: str, variant: str | None = None, **causes: str) -> Point:
    """The same state on both sides where they have it, each with its own cause if one is given (by router name)."""
    rows = {
        side.name: row
        for side in rig.sides
        for row in rows_for(side.connections)
        if (row.state, row.cause, row.variant) == (state, causes.get(side.name), variant)
    }
    told = [f"{name} {cause}" for name, cause in causes.items()]
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
    first, second = rig.sides
    rig.establish()
    yield _point(rig, "up")
    for closing, other in ((first, second), (second, first)):
        rig.establish()
        rig.terminate(closing)
        point = _point(rig, "deleted", **{closing.name: "local", other.name: "peer"})
        yield point
        if closing is first and rig.set_vtis(up=True):
            # The updown script has lost updates: the VTI may be up although no SA is.
            yield msgspec.structs.replace(point, label=f"{point.label}, VTI raised by hand")
            rig.set_vtis(up=False)
    watching = [side for side in rig.sides if _has_dpd(side)]
    if watching:
        rig.establish()
        rig.block_ike(True)
        rig.wait_gone(20.0, only=[side.name for side in watching])
        yield _point(rig, "deleted", **{side.name: "dpd" for side in watching})
        rig.block_ike(False)
        for side in rig.sides:
            rig.terminate(side)


def _has_dpd(side: Side) -> bool:
    return any(connection.dpd_delay_s is not None for connection in side.connections)


def _expiry(rig: Rig) -> Iterator[Point]:
    """charon makes a child anew after its hard expiry, so the peer must not answer; DPD would be there earlier."""
    _ready(rig, life_time_s=EXPIRY_S, dpd=False)
    rig.establish()
    rig.block_ike(True)
    rig.wait_states_gone(EXPIRY_S + 15.0)
    rig.wait_gone(20.0)
    yield _point(rig, "expired")
    rig.block_ike(False)
    _ready(rig)


def _reload(rig: Rig) -> Iterator[Point]:
    for side in reversed(rig.sides):
        rig.establish()
        rig.unload(side)
        point = _one_sided(rig, side, "reloading")
        if not point.rows[side.name].sa:
            rig.wait_gone(20.0, only=[side.name])
        yield point
        rig.load(only=side)


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
    _ready(rig, life_time_s=CRASH_LIFE_S, dpd=False)
    rig.establish()
    rig.kill()
    yield _point(rig, "crashed")
    rig.block_ike(True)
    rig.start()
    rig.load()
    yield _point(rig, "restarted")
    rig.wait_states_gone(CRASH_LIFE_S + 15.0)
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
