"""The way of many routers through the lifecycle: the books have an SA for every two peers, and each point is true."""

from __future__ import annotations

from typing import cast

import pytest
from topology_sample import hub_setup, mesh

from sapper.lab.rig import Rig, Side
from sapper.lab.run import prepare_all
from sapper.lab.scenario import Point, crash_life_s, drive, expiry_s
from sapper.lab.swanctl import Timers
from sapper.proof.states.lifecycle import STATES
from sapper.proof.states.situation import rows_for

SIDES: dict[str, tuple[Side, ...]] = {
    "hub": hub_setup(5).sides,
    "triangle": prepare_all("mesh", mesh("a", "b", "c")).sides,
    "square": prepare_all("mesh", mesh("a", "b", "c", "d")).sides,
}
ALL = frozenset(STATES)


class Books:
    """Which two peers have an SA, and whether the daemons run."""

    def __init__(self, sides: tuple[Side, ...]) -> None:
        self.sides = sides
        self.timers = Timers.for_routers(len(sides))
        self.edges = {frozenset({side.name, far}) for side in sides for far in side.peers.values()}
        self.up: set[frozenset[str]] = set()
        self.running = self.blocked = False
        self.unloaded: set[str] = set()

    def block_ike(self, on: bool, *, everything: bool = False) -> None:
        self.blocked = on

    def start(self) -> None:
        assert not self.running
        self.running = True

    def load(self, timers: Timers | None = None, only: Side | None = None) -> None:
        assert self.running
        self.unloaded -= {only.name} if only else {side.name for side in self.sides}

    def unload(self, only: Side | None = None) -> None:
        for side in [only] if only else self.sides:
            self.unloaded.add(side.name)
            for connection in side.connections:
                if any(child.start_action == "start" for child in connection.children):
                    self.up.discard(frozenset({side.name, side.peers[connection.name]}))

    def establish(self) -> None:
        assert self.running
        assert not self.blocked
        assert not self.unloaded
        self.up = set(self.edges)

    def terminate(self, side: Side, towards: frozenset[str] | None = None) -> None:
        for far in side.peers.values():
            if towards is None or far in towards:
                self.up.discard(frozenset({side.name, far}))

    def wait_gone(self, deadline_s: float, only: list[str] | None = None) -> bool:
        assert deadline_s > self.timers.give_up_s
        if self.blocked:
            self.up = {edge for edge in self.up if only is not None and not edge & set(only)}
        assert not any(edge & set(only or ()) for edge in self.up)
        return True

    def wait_states_gone(self, deadline_s: float) -> None:
        self.up.clear()

    def set_vtis(self, *, up: bool) -> bool:
        return any(link.raised_by for side in self.sides for link in side.plan.links)

    def flush(self) -> None:
        self.up.clear()

    def stop(self) -> None:
        self.running = False
        self.up.clear()

    def kill(self) -> None:
        self.running = False

    def check(self, point: Point) -> None:
        for side in self.sides:
            row = point.rows.get(side.name)
            if row is not None:
                mine = {edge for edge in self.edges if side.name in edge}
                assert row.daemon == self.running, point.label
                assert (mine & self.up) == (mine if row.sa else set()), (point.label, side.name)


def go(name: str, wanted: frozenset[str] = ALL) -> list[Point]:
    books, points = Books(SIDES[name]), []
    for point in drive(cast(Rig, books), wanted, lambda _: None):
        books.check(point)
        points.append(point)
    assert not books.running
    return points


@pytest.mark.parametrize("name", SIDES)
def test_every_row_is_reached_by_every_router(name: str) -> None:
    points = go(name)

    for side in SIDES[name]:
        expected = {row.label for row in rows_for(side.connections)}
        if len({child.start_action for child in side.children}) > 1:
            # Some of its connections start and some do not: as a whole it reloads in neither way.
            expected = {label for label in expected if not label.startswith("reloading")}
        assert {point.rows[side.name].label for point in points if side.name in point.rows} == expected, side.name


def test_a_hubs_spokes_act_at_once() -> None:
    labels = [point.label for point in go("hub", frozenset({"deleted"}))]

    assert [label for label in labels if "VTI" not in label] == [
        "deleted (hub local, 5 routers peer)",
        "deleted (5 routers local, hub peer)",
        "deleted (6 routers dpd)",
    ]


def test_in_a_triangle_nobody_is_measured_half_closed() -> None:
    points = [point for point in go("triangle", frozenset({"deleted"})) if "dpd" not in point.label]

    assert [{name: row.cause for name, row in point.rows.items()} for point in points] == [
        {"a": "local"},
        {"b": "local"},
        {"c": "local"},
        {"a": "peer"},
        {"b": "peer"},
        {"c": "peer"},
    ]


def test_labels_are_distinct_and_short_enough_for_a_files_name() -> None:
    for name in SIDES:
        labels = [point.label for point in go(name)]
        assert len(set(labels)) == len(labels)
        assert max(map(len, labels)) < 80


def test_lifetimes_grow_with_the_routers() -> None:
    assert (expiry_s(2), crash_life_s(2)) == (3, 7)
    assert expiry_s(21) < crash_life_s(21) <= 60
    assert Timers.for_routers(2) == Timers()
    assert Timers.for_routers(21).give_up_s > Timers.for_routers(5).give_up_s > Timers().give_up_s
