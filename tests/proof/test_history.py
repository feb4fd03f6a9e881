"""The machine of events: what it says of the design's sentences, and that the table of states covers all it reaches.

The sentences are the design's and the lab's ("what strongSwan leaves in the kernel"), told as events; the walk over
all reachable states asks for what can never be, whatever happened.
"""

from __future__ import annotations

from itertools import product
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from setups import Action, connection, transport_gre

from sapper.kernel.plan import Child, Connection
from sapper.proof.states.events import way_into
from sapper.proof.states.history import BOOTED, Actions, Event, Held, actions_of, after
from sapper.proof.states.lifecycle import TABLE, TAMPERING
from sapper.proof.states.reach import covering, effect_of, effects_of, reachable, row_of
from sapper.proof.states.situation import rows_for

ACTIONS: tuple[Action, ...] = ("none", "trap", "start")
DPD = (None, "clear", "trap", "restart")


def made(start: Action, close: Action, dpd: str | None, *, vti: bool, any_remote: bool = False) -> Connection:
    child: Child = replace(transport_gre(start, close), dpd_action=dpd)
    if vti:
        child = replace(child, mode="tunnel", if_id=1, updown="vti0")
    found = connection(child, dpd=dpd is not None)
    return replace(found, remote_addrs=()) if any_remote else found


CONNECTIONS = [
    made(start, close, dpd, vti=vti, any_remote=any_remote)
    for start, close, dpd, vti, any_remote in product(ACTIONS, ACTIONS, DPD, (False, True), (False, True))
]
REACHED = [(item, reachable(item)) for item in CONNECTIONS]


def led(actions: Actions, *events: Event) -> Held:
    """Where these events lead, each of which has one outcome; updates of a VTI are never lost."""
    held = BOOTED
    for event in events:
        held = max(after(held, event, actions), key=lambda item: (item.raised is item.up, repr(item)))
    return held


UP = (Event.START, Event.LOAD, Event.PEER_INITIATES)


def test_every_state_in_reach_is_covered_by_a_row_of_the_table() -> None:
    holes = [
        (item.children[0].start_action, [event.value for event in way], held)
        for item, reached in REACHED
        for held, way in reached.items()
        if not covering(held, item)
    ]

    assert holes == []


def test_every_row_of_the_table_is_in_reach() -> None:
    for item, reached in REACHED:
        actions = actions_of(item)
        clean = {effect_of(held, actions) for held in reached if not held.tampered}
        tampered = {effect_of(held, actions) for held in reached}
        for row in rows_for((item,)):
            within = tampered if row.state in TAMPERING else clean
            assert effects_of(row, item) <= within, (row.label, actions)


def test_the_way_into_a_row_leads_into_it() -> None:
    for item in CONNECTIONS:
        actions = actions_of(item)
        for row in rows_for((item,)):
            found = {BOOTED}
            for event in way_into(row, item):
                found = {reached for held in found for reached in after(held, event, actions)}
            assert {effect_of(held, actions) for held in found} & effects_of(row, item), (row.label, actions)
            assert {held.daemon for held in found} == {row.daemon}, row.label


def test_a_row_that_is_left_out_of_the_table_is_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cover is no formality: the rows that only a crash makes are needed."""
    without = tuple(row for row in TABLE if row.variant != "lifetime passed")
    monkeypatch.setattr("sapper.proof.states.situation.TABLE", without)
    item = made("none", "none", None, vti=False)
    holes = [way for held, way in reachable(item).items() if not covering(held, item)]

    assert min(holes, key=len) == (*UP, Event.KILL, Event.EXPIRE)


@pytest.mark.parametrize("at", range(0, len(CONNECTIONS), 7))
def test_the_ways_lead_where_they_say_and_none_is_shorter(at: int) -> None:
    item, reached = REACHED[at]
    actions = actions_of(item)
    layers = {held: len(way) for held, way in reached.items()}
    for held, way in reached.items():
        found = {BOOTED}
        for event in way:
            found = {after_it for before in found for after_it in after(before, event, actions)}
        assert held in found
        for event in Event:
            assert all(layers[after_it] <= layers[held] + 1 for after_it in after(held, event, actions))


def test_what_can_never_be() -> None:
    for item, reached in REACHED:
        for held in reached:
            assert held.daemon or not (held.loaded or held.asking or held.up or held.trap), item
            assert not held.keys or held.up
            assert not held.orphaned or held.policies != "none"
            assert held.tampered or not held.up or (held.keys and held.policies == "sa")
            assert held.tampered or held.routes != "none" or held.policies == "none"
            row = row_of(held)
            keyed = held.policies == "sa" and (held.keys or held.old_keys) and not held.moving
            assert (row.daemon, row.sa, row.inbound) == (held.daemon, keyed, not held.moving)
            assert not held.moving or (held.up and held.policies == "sa")


@given(st.sampled_from(REACHED), st.data())
def test_a_boot_forgets_everything_but_the_network(
    drawn: tuple[Connection, dict[Held, object]], data: st.DataObject
) -> None:
    item, reached = drawn
    held = data.draw(st.sampled_from(sorted(reached, key=repr)))

    assert after(held, Event.BOOT, actions_of(item)) == {Held(silent=held.silent)}


@pytest.mark.parametrize("start", ["none", "start"])
def test_start_and_none_install_nothing_before_the_sa(start: Action) -> None:
    loaded = led(Actions(start_action=start), Event.START, Event.LOAD)

    assert loaded.policies == "none"
    assert loaded.asking == (start == "start")


def test_a_trap_is_installed_at_once_and_comes_back_after_the_sa() -> None:
    trapping = Actions(start_action="trap")

    assert led(trapping, Event.START, Event.LOAD).policies == "trap"
    assert led(trapping, *UP, Event.TERMINATE).policies == "trap"
    assert led(trapping, *UP, Event.FLUSH, Event.TERMINATE).policies == "trap"
    assert led(trapping, *UP, Event.STOP).policies == "none"
    assert led(replace(trapping, trap_accepted=False), Event.START, Event.LOAD).policies == "none"


def test_close_action_is_for_the_peers_closing_alone() -> None:
    closing = Actions(close_action="trap", dpd_action="clear")

    assert led(closing, *UP, Event.PEER_TERMINATES).policies == "trap"
    assert led(closing, *UP, Event.TERMINATE).policies == "none"
    assert led(closing, *UP, Event.PEER_GONE).policies == "none"


def test_unloading_takes_back_the_start_action_and_nothing_else() -> None:
    assert led(Actions(start_action="trap"), Event.START, Event.LOAD, Event.UNLOAD).policies == "none"
    assert led(Actions(start_action="trap"), *UP, Event.UNLOAD).policies == "sa"
    assert led(Actions(start_action="start"), *UP, Event.UNLOAD).policies == "none"
    closed = led(Actions(close_action="trap"), *UP, Event.PEER_TERMINATES, Event.UNLOAD)
    assert (closed.loaded, closed.policies) == (False, "trap")


def test_a_crash_leaves_everything_and_the_next_daemon_takes_it_over() -> None:
    plain = Actions()
    crashed = led(plain, *UP, Event.KILL)
    anew = (*UP, Event.KILL, Event.START)

    assert (crashed.policies, crashed.old_keys, crashed.routes) == ("sa", True, "left")
    assert led(plain, *anew, Event.STOP).policies == "sa"
    assert led(plain, *anew, Event.LOAD, Event.PEER_INITIATES, Event.TERMINATE).policies == "none"
    assert led(plain, *anew, Event.LOAD, Event.PEER_INITIATES, Event.TERMINATE).routes == "none"
    assert led(plain, *anew, Event.LOAD, Event.PEER_INITIATES, Event.TERMINATE).old_keys


def test_a_rekeying_repairs_what_was_flushed() -> None:
    flushed = led(Actions(), *UP, Event.FLUSH)

    assert (flushed.policies, flushed.routes, flushed.up) == ("none", "own", True)
    assert led(Actions(), *UP, Event.FLUSH, Event.REKEY).policies == "sa"
    assert led(Actions(), *UP, Event.FLUSH, Event.KILL, Event.START).routes == "left"


@pytest.mark.parametrize(
    ("changes", "moves"),
    [
        ({}, False),
        ({"encap": True}, True),
        ({"remote_addrs": ()}, True),
        ({"local_addrs": ()}, False),
        ({"local_addrs": (), "leased_from": "eth0"}, True),
        ({"local_addrs": (), "leased_from": "eth0", "mobike": False}, False),
        ({"local_addrs": (), "leased_from": "eth0", "version": 1}, False),
        ({"encap": True, "version": 1, "mobike": False}, True),
    ],
)
def test_an_sa_moves_where_nobody_says_that_it_stays(changes: dict[str, object], moves: bool) -> None:
    item = replace(made("none", "none", None, vti=False), **changes)
    assert led(actions_of(item), *UP, Event.MOVED).moving is moves
    assert any(not row.inbound for row in rows_for((item,))) is moves


def test_while_an_sa_moves_only_a_trap_asks_what_comes_in() -> None:
    for trap in (False, True):
        actions = Actions(start_action="trap" if trap else "none", moves=True)
        moving = led(actions, *UP, Event.MOVED)
        effect = effect_of(moving, actions)
        assert (effect.policies, effect.states, effect.inbound) == ("sa", False, trap)
        assert led(actions, *UP, Event.MOVED, Event.REKEY) == led(actions, *UP)
    assert led(Actions(moves=True), *UP, Event.SILENCE, Event.MOVED) == led(Actions(moves=True), *UP, Event.SILENCE)


def test_an_expired_child_is_made_anew_with_ikev2_only() -> None:
    assert led(Actions(), *UP, Event.EXPIRE).asking
    assert not led(Actions(recreates=False), *UP, Event.EXPIRE).asking


@pytest.mark.parametrize(("version", "anew"), [(0, True), (1, False), (2, True)])
def test_the_version_says_whether_an_expired_child_is_made_anew(version: Literal[0, 1, 2], anew: bool) -> None:
    assert actions_of(replace(made("start", "none", None, vti=False), version=version)).recreates == anew


def test_a_child_that_is_up_is_not_asked_for_again() -> None:
    assert not led(Actions(), *UP, Event.INITIATE).asking
    assert led(Actions(), *UP, Event.TERMINATE, Event.INITIATE).asking
