"""The ways of events: each leads where it says, in the machine of events, and none that is shorter does."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec.structs import replace
from setups import Action, canonical, connection, transport_gre, vti

from sapper.kernel.plan import Connection
from sapper.proof.prove import prove
from sapper.proof.states.events import WORDS, events_into, moved, parties_of, way_into
from sapper.proof.states.history import BOOTED, Event, Held, actions_of, after
from sapper.proof.states.lifecycle import Row, Vti
from sapper.proof.states.reach import effect_of, effects_of
from sapper.proof.states.situation import Move, Situation, rows_for

ACTIONS: tuple[Action, ...] = ("none", "trap", "start")


def made(start: Action, close: Action, dpd: str | None, *, bound: bool, any_remote: bool) -> Connection:
    child = replace(transport_gre(start, close), dpd_action=dpd)
    if bound:
        child = replace(child, mode="tunnel", if_id=1, updown="vti0")
    found = connection(child, dpd=dpd is not None)
    return replace(found, remote_addrs=()) if any_remote else found


CONNECTIONS = [
    made(start, close, dpd, bound=bound, any_remote=any_remote)
    for start, close, dpd, bound, any_remote in product(
        ACTIONS, ACTIONS, (None, "clear", "trap", "restart"), (False, True), (False, True)
    )
]
# The words of these rows tell one event more than what they are needs: the peer fell silent, the connections were loaded.
TOLD = {"expired": 1, "deleted (dpd)": 1, "stopped": 1}


def reached_by(way: tuple[Event, ...], item: Connection) -> set[Held]:
    found = {BOOTED}
    for event in way:
        found = {reached for held in found for reached in after(held, event, actions_of(item))}
    return found


def cases() -> list[tuple[Connection, Row, bool]]:
    return [
        (item, row, raised)
        for item in CONNECTIONS
        for row in rows_for((item,))
        for raised in (row.vti.value if actions_of(item).vti else (False,))
    ]


def test_each_way_leads_into_its_row_with_the_vti_as_it_is() -> None:
    for item, row, raised in cases():
        wanted = {effect for effect in effects_of(row, item) if effect.raised == raised}
        found = reached_by(way_into(row, item, raised=raised), item)
        assert wanted & {effect_of(held, actions_of(item)) for held in found}, (row.label, raised)
        assert {held.daemon for held in found} == {row.daemon}, row.label


Known = tuple[Held, bool]


def shortest(item: Connection) -> dict[tuple[object, ...], int]:
    """How long a way must be that ends like this; only events that change something, and nobody touches a VTI by hand."""
    found: dict[tuple[object, ...], int] = {}
    first: Known = (BOOTED, False)
    seen, edge, length = {first}, {first}, 0
    while edge:
        length += 1
        beyond: set[Known] = set()
        for (held, was_up), event in product(edge, set(Event) - {Event.RAISE, Event.LOWER}):
            for there in after(held, event, actions_of(item)) - {held}:
                known = there, was_up or there.up
                found.setdefault(ending(*known, item, event), length)
                beyond.add(known)
        edge = beyond - seen
        seen |= edge
    return found


def ending(held: Held, was_up: bool, item: Connection, event: Event) -> tuple[object, ...]:
    return effect_of(held, actions_of(item)), held.daemon, held.loaded, held.up, was_up, event


@pytest.mark.parametrize("item", CONNECTIONS[::7], ids=lambda item: item.children[0].start_action)
def test_no_way_with_the_same_last_event_is_shorter(item: Connection) -> None:
    lengths = shortest(item)
    for row in rows_for((item,)):
        for raised in row.vti.value if actions_of(item).vti else (False,):
            way = way_into(row, item, raised=raised)
            if way:
                was_up = not {Event.ESTABLISHED, Event.PEER_INITIATES}.isdisjoint(way)
                ends = [held for held in reached_by(way, item) if held.raised == raised]
                best = min(lengths[ending(held, was_up, item, way[-1])] for held in ends)
                assert best <= len(way) <= best + TOLD.get(row.label, 0), (row.label, raised, way)


def test_every_event_of_a_way_has_words() -> None:
    used = {event for item, row, raised in cases() for event in way_into(row, item, raised=raised)}
    assert used <= WORDS.keys()
    assert len(set(WORDS.values())) == len(WORDS)


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (Move(), ()),
        (Move("wan-down", "eth0"), ("eth0 goes down",)),
        (Move("default-gone"), ("the default route goes",)),
        (Move("more-specific", "eth0"), ("a more specific route is announced on eth0",)),
    ],
)
def test_the_network_moves_last(move: Move, words: tuple[str, ...]) -> None:
    assert moved(move) == words


def test_a_trap_on_one_end_leaks_before_the_daemon_and_after_its_stop() -> None:
    (entry,) = prove(canonical("trap"))
    witness = entry.verdicts["confidentiality"].witness
    assert witness is not None
    assert witness.events == ("boot",)


def test_a_lost_update_is_part_of_the_way() -> None:
    plan = vti(unreachable=False)
    row = next(row for row in rows_for(plan.connections) if row.cause == "peer")
    assert row.vti is Vti.EITHER
    told = events_into(parties_of(plan), ["west"], Situation(row, frozenset({"vti0"})))
    assert told == (
        "boot",
        "the daemon starts",
        "the connections are loaded",
        "the peer answers, the SA is up",
        "the peer closes the SA, and vti0 stays raised (a lost update)",
    )
    assert events_into(parties_of(plan), ["west"], Situation(row))[-1] == "the peer closes the SA"


def test_connections_are_named_where_several_have_a_part() -> None:
    plan = canonical("none")
    second = replace(plan.connections[0], name="north", title="peer north")
    plan = replace(plan, connections=(*plan.connections, second))
    rows = {row.label: row for row in rows_for(plan.connections)}
    told = events_into(
        parties_of(plan), ["west"], Situation(rows["deleted (local)"], others=(("north", rows["up"]),))
    )
    assert told[3:] == (
        "peer north: the peer initiates, the SA is up",
        "west: the peer initiates, the SA is up",
        "west: this side closes the SA",
    )
