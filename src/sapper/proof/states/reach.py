"""All states that events can lead a connection to, each with a shortest way, and the rows of the table that cover them.

The table of :mod:`sapper.proof.states.lifecycle` is complete if every state in reach has a row of the same effect: the same
policies, states and left routes. An interface that is down leads no packet to the policies bound to it, and charon
makes no routes for those. :func:`row_of` says a state in the table's own columns, also where no row is like it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.kernel.plan import Child, Connection
from sapper.proof.states.history import BOOTED, Actions, Event, Held, InKernel, actions_of, after
from sapper.proof.states.lifecycle import TAMPERING, Left, Row, State, Vti, sa_policies_installed, trap_installed
from sapper.proof.states.situation import rows_for


class Effect(NamedTuple):
    """What a packet meets. ``left``: a route of charon's without its policy. ``inbound``: a policy asks what comes in."""

    policies: InKernel
    inbound: bool
    states: bool
    left: bool
    raised: bool


def reachable(connection: Connection) -> dict[Held, tuple[Event, ...]]:
    """Every state that events can lead to from a boot, each with a shortest sequence of events."""
    actions = actions_of(connection)
    found: dict[Held, tuple[Event, ...]] = {BOOTED: ()}
    edge = [BOOTED]
    while edge:
        beyond: list[Held] = []
        for held in edge:
            for event in Event:
                for reached in sorted(after(held, event, actions), key=repr):
                    if reached not in found:
                        found[reached] = (*found[held], event)
                        beyond.append(reached)
        edge = beyond
    return found


def covering(held: Held, connection: Connection) -> tuple[Row, ...]:
    """The rows that the proof enumerates for this connection and that have the state's effect; none is a hole.

    What has been tampered with may be covered by a row for tampering, and nothing else may.
    """
    actions = actions_of(connection)
    wanted = effect_of(held, actions)
    rows = (row for row in rows_for((connection,)) if held.tampered or row.state not in TAMPERING)
    return tuple(row for row in rows if wanted in effects_of(row, connection))


def effect_of(held: Held, actions: Actions) -> Effect:
    """The effect of a state."""
    states = held.policies == "sa" and (held.keys or held.old_keys) and not held.moving
    inbound = held.trap or not held.moving
    return _effect(actions, held.policies, inbound, states, held.routes != "none", held.raised)


def effects_of(row: Row, connection: Connection) -> frozenset[Effect]:
    """The effects that a row stands for: one, or two where its VTI may be raised or lowered."""
    return frozenset(_effects(row, connection))


def _effects(row: Row, connection: Connection) -> Iterator[Effect]:
    actions = actions_of(connection)
    child: Child = next(child for child in connection.children if child.mode != "pass")
    trap = trap_installed(
        row,
        start_action=child.start_action,
        close_action=child.close_action,
        dpd_action=child.dpd_action,
        accepted=actions.trap_accepted,
    )
    policies: InKernel = "sa" if sa_policies_installed(row) else "trap" if trap else "none"
    for raised in row.vti.value if actions.vti else (False,):
        yield _effect(actions, policies, trap or row.inbound, row.sa, row.routes_kept, raised)


def _effect(actions: Actions, policies: InKernel, inbound: bool, states: bool, route: bool, raised: bool) -> Effect:
    if actions.vti and not raised:
        return Effect("none", False, False, False, False)
    asked = inbound and policies != "none"
    return Effect(
        policies, asked, states and policies == "sa", route and policies == "none" and not actions.vti, raised
    )


def row_of(held: Held) -> Row:
    """The state in the columns of the lifecycle's table, named for the state of it that is nearest."""
    traps = Left.TRAP | Left.CLOSE | Left.DPD
    below = traps if held.moving and held.trap else Left.NOTHING
    policies = {"none": Left.NOTHING, "trap": traps, "sa": Left.SA | below}[held.policies]
    return Row(
        state=state_of(held),
        variant="after a history",
        policies=policies,
        sa=held.policies == "sa" and (held.keys or held.old_keys) and not held.moving,
        inbound=not held.moving,
        vti=Vti.RAISED if held.raised else Vti.LOWERED,
        daemon=held.daemon,
        routes_kept=held.routes != "none",
        shared=True,
    )


def state_of(held: Held) -> State:
    """The word for a state."""
    if not held.daemon:
        return "crashed" if held.orphaned or held.old_keys or held.routes == "left" else "stopped"
    if held.up:
        return "flushed" if held.policies == "none" else "up"
    if held.orphaned:
        return "restarted"
    return "negotiating" if held.loaded else "reloading"
