"""The events that a witness prints, read back and replayed in the machine of events: they arrive in its very situation.

For every connection that has a part: the policies, states and routes that its row leaves, the daemon, and its VTIs as they
are in the situation; and the move of the network. The words are read back with the table that printed them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import NamedTuple
from unittest.mock import patch

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from random_extras import rich_plans
from random_packets import situations
from random_plans import plans
from test_sets_against_enumeration import DRAWS, EXAMPLES

from sapper.kernel.complete import complete
from sapper.kernel.plan import Connection, Plan
from sapper.proof.enumeration import enumerate_all
from sapper.proof.over_sets import tally as set_tally
from sapper.proof.properties import tally
from sapper.proof.prove import prove
from sapper.proof.states.events import WORDS, Parties, events_into, moved, parties_of
from sapper.proof.states.history import BOOTED, Event, Held, actions_of, after
from sapper.proof.states.lifecycle import Row, sa_policies_installed, trap_installed
from sapper.proof.states.situation import UNDISTURBED, Situation, rows_for
from sapper.proof.verdict import TunnelVerdicts

EVENTS = {words: event for event, words in WORDS.items()}
STAYS = re.compile(r"(.*), and (.*) stays? raised \(a lost update\)")


class Told(NamedTuple):
    """One sentence: ``of`` None concerns every connection, ``stay`` are VTIs that nobody lowered."""

    event: Event
    of: str | None
    stay: frozenset[str]


def read_back(sentences: Iterable[str], plan: Plan) -> Iterator[Told]:
    for sentence in sentences:
        met = STAYS.fullmatch(sentence)
        text, names = met.groups() if met else (sentence, "")
        owner = next((item for item in plan.connections if text.startswith(f"{item.title or item.name}: ")), None)
        if owner is not None:
            text = text.partition(": ")[2]
        stay = frozenset(names.split(" and ")) if names else frozenset()
        if text.startswith(WORDS[Event.RAISE]):
            yield Told(Event.RAISE, None, frozenset({text.rpartition(" ")[2]}))
        else:
            yield Told(EVENTS[text], owner.name if owner else None, stay)


def replayed(connection: Connection, vti: str | None, told: list[Told], alone: str | None) -> set[Held]:
    """Where the sentences lead a connection; ``alone``: the only one that unnamed events of one connection concern."""
    actions = replace(actions_of(connection), vti=vti is not None)
    found = {BOOTED}
    for event, of, stay in told:
        if of not in (None, connection.name) or event is Event.RAISE:
            continue
        if of is None and alone != connection.name and event in OWN:
            continue
        found = {
            reached
            for held in found
            for reached in after(held, event, actions)
            if not held.raised
            or reached.raised == (reached.up or event is Event.KILL or not held.up or vti in stay)
        }
    return found


OWN = {
    Event.ESTABLISHED,
    Event.PEER_INITIATES,
    Event.TERMINATE,
    Event.PEER_TERMINATES,
    Event.PEER_GONE,
    Event.SILENCE,
}


def is_there(held: Held, row: Row, connection: Connection) -> bool:
    """Whether the kernel has what the row leaves of the connection."""
    child = next(child for child in connection.children if child.mode != "pass")
    trap = trap_installed(
        row,
        start_action=child.start_action,
        close_action=child.close_action,
        dpd_action=child.dpd_action,
        accepted=actions_of(connection).trap_accepted,
    )
    policies = "sa" if sa_policies_installed(row) else "trap" if trap else "none"
    keyed = held.policies == "sa" and (held.keys or held.old_keys) and not held.moving
    return (
        (held.policies, keyed) == (policies, row.sa)
        and held.daemon == row.daemon
        and held.moving != row.inbound
        and (held.routes != "none") == (policies != "none" or row.routes_kept)
        and held.up == (row.state in ("up", "flushed") or row.variant == "SA kept")
    )


def check(plan: Plan, focus: tuple[str, ...], situation: Situation, events: tuple[str, ...]) -> None:
    moves = moved(situation.move)
    assert events[0] == WORDS[Event.BOOT]
    assert events[len(events) - len(moves) :] == moves
    told = list(read_back(events[1 : len(events) - len(moves)], plan))
    owners = {child.name: item.name for item in plan.connections for child in item.children}
    vtis = {link.name: owners.get(link.raised_by, "") for link in plan.links if link.raised_by}
    raised = {vti for vti in situation.raised if not vtis[vti]}
    assert raised == {name for item in told if item.event is Event.RAISE for name in item.stay}
    part = (
        [name for name, _ in situation.others] + list(focus) + [vtis[vti] for vti in situation.raised if vtis[vti]]
    )
    some = [item for item in plan.connections if item.name in part and any(c.mode != "pass" for c in item.children)]
    alone = part[0] if len(set(part)) == 1 else None
    for connection in some:
        row = situation.row_of(connection.name)
        if row not in rows_for((connection,)):
            continue  # a row of the other connections of the focus
        own: list[str | None] = [name for name, owner in vtis.items() if owner == connection.name]
        for vti in own or [None]:
            arrived = replayed(connection, vti, told, alone)
            assert arrived, (events, connection.name)
            assert all(is_there(held, row, connection) for held in arrived), (events, connection.name, arrived)
            assert {held.raised for held in arrived} == {vti in situation.raised}, (events, vti)


Asked = tuple[tuple[str, ...], Situation, tuple[str, ...]]


def printed_by(module: ModuleType, prover: Callable[[Plan], tuple[TunnelVerdicts, ...]], plan: Plan) -> list[Asked]:
    """What the proof printed for which situation; every witness's events are among it."""
    printed: list[Asked] = []

    def spied(parties: Parties, focus: Iterable[str], situation: Situation) -> tuple[str, ...]:
        names = tuple(focus)
        printed.append((names, situation, events_into(parties, names, situation)))
        return printed[-1][2]

    with patch.object(module, "events_into", spied):
        verdicts = prover(plan)
    asked = [verdict for item in verdicts for name, verdict in item.verdicts.items() if name != "liveness"]
    witnesses = [verdict.witness for verdict in asked if verdict.witness]
    told = {(situation.row.state, events) for _, situation, events in printed}
    assert {(witness.state, witness.events) for witness in witnesses} <= told
    return printed


@DRAWS
@given(st.data())
def test_the_printed_events_of_a_witness_lead_into_its_situation(data: st.DataObject) -> None:
    plan = complete(data.draw(rich_plans() if data.draw(st.booleans()) else plans()))
    for asked in printed_by(set_tally, prove, plan):
        check(plan, *asked)


@settings(DRAWS, max_examples=max(5, EXAMPLES // 10))
@given(plans())
def test_so_do_those_of_the_enumeration(plan: Plan) -> None:
    for asked in printed_by(tally, enumerate_all, complete(plan)):
        check(plan, *asked)


@DRAWS
@given(st.data())
def test_so_does_the_way_into_any_situation(data: st.DataObject) -> None:
    plan = data.draw(plans())
    assume(plan.connections)
    situation = data.draw(situations(plan))
    focus = tuple(item.name for item in plan.connections if item.name not in dict(situation.others))
    check(plan, focus, situation, events_into(parties_of(plan), focus, situation))


def test_the_undisturbed_network_does_nothing() -> None:
    assert moved(UNDISTURBED) == ()
