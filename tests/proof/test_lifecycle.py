"""The table of lifecycle states itself: complete, without doubles, every row of it within reach.

The expectations are the design's sentences about what strongSwan leaves in the kernel, not the table's columns.
"""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from msgspec.structs import replace
from setups import Action, canonical, connection, transport_gre, vti

from sapper.kernel.plan import Child, Connection
from sapper.proof.states.lifecycle import (
    STATES,
    TABLE,
    TAMPERING,
    Left,
    Row,
    State,
    Vti,
    sa_policies_installed,
    trap_installed,
)
from sapper.proof.states.situation import raised_sets, rows_for, situations

ACTIONS: tuple[Action, ...] = ("none", "trap", "start")


def connections() -> list[Connection]:
    """Every combination of actions that a row may ask about."""
    made = []
    for start, close, dpd in product(ACTIONS, ACTIONS, (False, True)):
        child: Child = transport_gre(start, close)
        item = connection(replace(child, dpd_action="trap" if dpd else None), dpd=dpd)
        made += [item, replace(item, encap=True)]
    return made


def trapped(row: Row, start: Action = "none", close: Action = "none", dpd: str | None = None) -> bool:
    return trap_installed(row, start_action=start, close_action=close, dpd_action=dpd, accepted=True)


def of_state(state: State) -> list[Row]:
    return [row for row in TABLE if row.state == state]


def test_states_are_the_reports_words_and_each_has_a_row() -> None:
    assert set(STATES) == set(get_args(State)) == {row.state for row in TABLE}
    assert len(STATES) == len(set(STATES))
    assert set(STATES) >= TAMPERING


def test_no_two_rows_are_called_the_same() -> None:
    labels = [(row.state, row.cause, row.variant) for row in TABLE]
    assert len(labels) == len(set(labels))
    assert len({row.label for row in TABLE}) == len(TABLE)


def test_every_row_exists_for_some_connection_and_every_state_for_each() -> None:
    reached = [{row.label for row in rows_for((item,))} for item in connections()]
    assert set.union(*reached) == {row.label for row in TABLE}
    for item in connections():
        assert {row.state for row in rows_for((item,))} == set(STATES)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_every_row_is_enumerated_with_each_way_its_vtis_may_be(row: Row) -> None:
    plan = vti(unreachable=False)
    found = set(raised_sets(plan, row))
    assert found == {frozenset({"vti0"}) if raised else frozenset() for raised in row.vti.value}


def test_situations_cover_every_row_of_the_focus() -> None:
    for start in ACTIONS:
        plan = canonical(start, dpd=True)
        covered = {situation.row.label for situation in situations(plan, plan.connections, plan.connections)}
        assert covered == {row.label for row in rows_for(plan.connections)}


def test_an_sa_is_there_in_up_and_nothing_before_the_daemon_or_after_its_orderly_stop() -> None:
    for row in of_state("up"):
        assert row.sa is row.inbound
        assert sa_policies_installed(row)
        assert row.vti is Vti.RAISED
    for row in [*of_state("boot"), *of_state("stopped")]:
        assert row.policies is Left.NOTHING
        assert not row.sa
        assert not row.daemon
        assert not row.routes_kept


def test_only_while_an_sa_moves_its_inbound_policies_are_missing() -> None:
    assert [row.label for row in TABLE if not row.inbound] == ["up (moved)"]
    for item in connections():
        assert ("up (moved)" in {row.label for row in rows_for((item,))}) is item.encap


def test_states_without_policies_to_use_them_are_never_left() -> None:
    for row in TABLE:
        assert not row.sa or sa_policies_installed(row)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)
def test_start_and_none_never_count_as_a_trap(row: Row) -> None:
    for start in ("none", "start"):
        assert not trapped(row, start)
        assert not trapped(row, start, "start", "restart")


def test_close_action_and_dpd_action_act_on_their_own_cause_only() -> None:
    closed = {row.label for row in TABLE if trapped(row, "none", "trap")}
    gone = {row.label for row in TABLE if trapped(row, "none", "none", "trap")}
    assert closed == {"deleted (peer)"}
    assert gone == {"deleted (dpd)"}


def test_a_trap_stays_through_every_closing_and_goes_with_the_daemon_or_its_connection() -> None:
    there = {row.label for row in TABLE if trapped(row, "trap")}
    away = {row.state for row in TABLE if not trapped(row, "trap")}
    assert away == {"boot", "stopped", "reloading", "flushed"}
    assert {"negotiating", "deleted (local)", "deleted (peer)", "expired", "crashed", "restarted"} <= there


def test_a_refused_trap_is_nowhere() -> None:
    for row in TABLE:
        for start, close in product(ACTIONS, ACTIONS):
            assert not trap_installed(
                row, start_action=start, close_action=close, dpd_action="trap", accepted=False
            )


def test_a_crash_leaves_everything_and_its_lifetime_takes_the_keys_only() -> None:
    for state in ("crashed", "restarted"):
        rows = of_state(state)
        assert {row.sa for row in rows} == {True, False}
        assert all(sa_policies_installed(row) and row.vti is Vti.RAISED for row in rows)


def test_what_concerns_the_daemon_concerns_all_its_connections() -> None:
    shared = {row.state for row in TABLE if row.shared}
    assert shared == {"boot", "stopped", "crashed", "restarted", "reloading", "flushed"}
    assert all(row.shared for row in TABLE if row.state in shared)


def test_only_a_flush_leaves_routes_without_policies() -> None:
    kept = [row for row in TABLE if row.routes_kept]
    assert [row.state for row in kept] == ["flushed"]
    assert all(row.policies is Left.NOTHING and not row.sa for row in kept)


def test_reloading_keeps_an_sa_unless_start_had_started_it() -> None:
    for item in connections():
        words = {row.variant for row in rows_for((item,)) if row.state == "reloading"}
        start = item.children[0].start_action
        assert ("SA kept" in words) == (start != "start")
        assert ("SA closed" in words) == (start == "start")
        assert ("before an SA" in words) == (start == "trap")
