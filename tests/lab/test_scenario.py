"""The way through the lifecycle, with a rig that only keeps books: every row is reached, and it is the row it says.

The books hold what a daemon and a kernel would: whether charon runs, which connections it knows, and whether the SA's
states are there. A point whose row says otherwise is a wrong point.
"""

from __future__ import annotations

import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_sample import end_of, text_of

from sapper.lab.rig import Rig, Side
from sapper.lab.run import prepare
from sapper.lab.scenario import CRASH_LIFE_S, EXPIRY_S, Point, drive
from sapper.lab.swanctl import Timers
from sapper.proof.states.lifecycle import STATES
from sapper.proof.states.situation import rows_for

ALL = frozenset(STATES)


class BookKeepingRig:
    """What the rig's calls would leave, and the calls in order."""

    def __init__(self, sides: tuple[Side, ...]) -> None:
        self.sides = sides
        self.timers = Timers()
        self.calls: list[str] = []
        self.running = self.blocked = self.dead = False
        self.loaded: set[str] = set()
        self.states: set[str] = set()
        self.given = self.sa = self.timers
        self.believed = False  # charon thinks that there is an SA

    def _call(self, words: str) -> None:
        self.calls.append(words)

    def block_ike(self, on: bool, *, everything: bool = False) -> None:
        self._call(f"block {on}")
        self.blocked, self.dead = on, on and everything

    def start(self) -> None:
        self._call("start")
        assert not self.running
        self.running = True

    def load(self, timers: Timers | None = None, only: Side | None = None) -> None:
        self._call("load")
        assert self.running
        self.given = timers or self.timers
        self.loaded |= {side.name for side in ([only] if only else self.sides)}
        starts = any(child.start_action == "start" for side in self.sides for child in side.children)
        if starts and not self.blocked and len(self.loaded) == 2:
            self._come_up()

    def unload(self, only: Side | None = None) -> None:
        """charon closes what a start action has started (vici_config.c, clear_start_action)."""
        self._call("unload")
        for side in [only] if only else self.sides:
            known = side.name in self.loaded
            self.loaded.discard(side.name)
            if known and any(child.start_action == "start" for child in side.children):
                self._close()

    def establish(self) -> None:
        self._call("establish")
        assert self.running
        assert not self.blocked
        assert self.loaded == {side.name for side in self.sides}
        self._come_up()

    def _come_up(self) -> None:
        if self.states != self.loaded:
            # What somebody else flushed is still installed to charon, and it makes nothing anew.
            assert not self.believed or self.states
            self.states, self.sa, self.believed = set(self.loaded), self.given, True

    def terminate(self, side: Side, towards: frozenset[str] | None = None) -> None:
        self._call(f"terminate {side.name}")
        assert self.running
        assert towards is None
        self._close()

    def _close(self) -> None:
        self.states.clear()
        self.believed = False

    def wait_gone(self, deadline_s: float, only: list[str] | None = None) -> bool:
        self._call("wait gone")
        for name in only or [side.name for side in self.sides]:
            if name in self.states:
                (side,) = [side for side in self.sides if side.name == name]
                # Nobody closes an SA but its own DPD, and that only if nothing at all comes from the peer.
                assert self.dead
                assert self.sa.dpd
                assert any(connection.dpd_delay_s for connection in side.connections)
                self.states.discard(name)
        return True

    def wait_states_gone(self, deadline_s: float) -> None:
        self._call("wait states gone")
        assert self.sa.life_time_s is not None
        assert deadline_s > self.sa.life_time_s
        assert not self.sa.dpd
        self._close()

    def set_vtis(self, *, up: bool) -> bool:
        self._call(f"vtis {up}")
        return any(link.raised_by for side in self.sides for link in side.plan.links)

    def flush(self) -> None:
        self._call("flush")
        assert self.states
        self.states.clear()

    def stop(self) -> None:
        self._call("stop")
        assert self.running
        self.running = False
        self.loaded.clear()
        self._close()

    def kill(self) -> None:
        """Kernel states outlive the daemon."""
        self._call("kill")
        self.running = self.believed = False
        self.loaded.clear()

    def check(self, point: Point) -> None:
        """Whether the books say what the point says."""
        assert point.rows
        assert not self.dead, "what a network that is dead lets through shows nothing"
        for name, row in point.rows.items():
            assert row.daemon == self.running, point.label
            assert row.sa == (name in self.states), point.label


def without(words: str) -> list[tuple[str, str]]:
    """Changes that remove every line with these words from the canonical pair."""
    text = text_of("canonical", "east")
    return [(line + "\n", "") for line in text.splitlines() if re.search(words, line)]


def sides(
    pair_name: str, *east_changes: tuple[str, str], west_changes: tuple[tuple[str, str], ...] = ()
) -> tuple[Side, ...]:
    east = end_of(text_of(pair_name, "east", *east_changes))
    west = end_of(text_of(pair_name, "west", *west_changes), "west.set")
    return prepare("pair", east, west).sides


NO_DPD = tuple(without("dead-peer-detection"))
TRAP = ("connection-type 'initiate'", "connection-type 'trap'")
NONE = ("connection-type 'initiate'", "connection-type 'none'")
PAIRS: dict[str, tuple[Side, ...]] = {
    "start and none": sides("canonical"),
    "trap and trap": sides("trap-both"),
    "trap and none": sides("canonical", TRAP),
    "none and none": sides("canonical", NONE),
    "no DPD": sides("canonical", *NO_DPD, west_changes=NO_DPD),
    "DPD on one side": sides("canonical", west_changes=NO_DPD),
    "VTI": sides("vti"),
    "IKEv1": sides("ikev1"),
}


def go(pair_name: str, wanted: frozenset[str] = ALL) -> tuple[BookKeepingRig, list[Point], list[str]]:
    rig, points, said = BookKeepingRig(PAIRS[pair_name]), [], list[str]()
    for point in drive(cast(Rig, rig), wanted, said.append):
        rig.check(point)
        points.append(point)
    return rig, points, said


def rows_seen(points: list[Point], name: str) -> set[str]:
    return {point.rows[name].label for point in points if name in point.rows}


@pytest.mark.parametrize("name", PAIRS)
def test_every_row_that_exists_is_reached_on_both_sides(name: str) -> None:
    _, points, _ = go(name)

    for side in PAIRS[name]:
        assert rows_seen(points, side.name) == {row.label for row in rows_for(side.connections)}, side.name


@pytest.mark.parametrize("name", PAIRS)
def test_it_ends_without_daemons_and_says_where_it_is(name: str) -> None:
    rig, points, said = go(name)

    assert rig.calls[-1] == "kill"
    assert not rig.running
    assert said == [point.label for point in points]
    assert len(set(said)) == len(said)


@given(st.sampled_from(sorted(PAIRS)), st.frozensets(st.sampled_from(STATES)))
def test_only_the_wanted_states_are_driven(name: str, wanted: frozenset[str]) -> None:
    rig, points, _ = go(name, wanted)

    assert {row.state for point in points for row in point.rows.values()} == wanted
    for side in PAIRS[name]:
        expected = {row.label for row in rows_for(side.connections) if row.state in wanted}
        assert rows_seen(points, side.name) == expected
    assert rig.calls[-1] == "kill"


def test_what_is_not_wanted_is_not_waited_for() -> None:
    rig, _, _ = go("start and none", frozenset({"boot", "negotiating"}))

    assert "establish" not in rig.calls
    assert "wait states gone" not in rig.calls


def test_a_vti_is_also_measured_raised_without_an_sa() -> None:
    rig, points, _ = go("VTI")

    raised = [point for point in points if "VTI raised by hand" in point.label]
    assert [set(point.rows) for point in raised] == [{"east", "west"}]
    assert rig.calls.index("vtis True") < rig.calls.index("vtis False")
    assert not [point for point in go("start and none")[1] if "VTI" in point.label]


def test_who_closes_and_who_is_told_are_told_apart() -> None:
    _, points, _ = go("start and none")

    causes = [
        {name: row.cause for name, row in point.rows.items()}
        for point in points
        if point.label.startswith("deleted")
    ]
    assert causes == [
        {"east": "local", "west": "peer"},
        {"east": "peer", "west": "local"},
        {"east": "dpd", "west": "dpd"},
    ]


def test_dpd_is_measured_where_it_is_configured() -> None:
    assert not [point for point in go("no DPD")[1] if "dpd" in point.label]
    (point,) = [point for point in go("DPD on one side")[1] if "dpd" in point.label]
    assert set(point.rows) == {"east"}


def test_lifetimes_are_long_enough_to_get_there() -> None:
    assert 0 < EXPIRY_S < CRASH_LIFE_S
