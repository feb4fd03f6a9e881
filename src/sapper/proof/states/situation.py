"""The situations that a proof covers: lifecycle rows, crossed with raised VTIs and with the network's moves.

Only what a flow depends on is enumerated (its cone of influence): the connections that the flow can meet. The focus
goes through every row of the table; another connection of the cone goes through every distinct content that its own
rows can leave in the kernel, except that rows about the daemon concern all connections at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Literal

import msgspec

from sapper.kernel.plan import Connection, Plan
from sapper.proof.facts.trust import trust_of
from sapper.proof.states.lifecycle import TABLE, Left, Only, Row


class Move(msgspec.Struct, frozen=True):
    """What the network does meanwhile. ``more-specific``: a route announced on that (dynamic) interface."""

    kind: Literal["undisturbed", "wan-down", "default-gone", "more-specific"] = "undisturbed"
    link: str | None = None

    def __str__(self) -> str:
        return {
            "undisturbed": "network undisturbed",
            "wan-down": f"{self.link} down",
            "default-gone": "default route gone",
            "more-specific": f"a more specific route announced on {self.link}",
        }[self.kind]


UNDISTURBED = Move()


class Situation(msgspec.Struct, frozen=True):
    """``row`` is the focus' row; ``others`` the rows of connections that are elsewhere; ``raised`` the VTIs up."""

    row: Row
    raised: frozenset[str] = frozenset()
    others: tuple[tuple[str, Row], ...] = ()
    move: Move = UNDISTURBED

    def row_of(self, connection: str) -> Row:
        for name, row in self.others:
            if name == connection:
                return row
        return self.row


def rows_for(connections: tuple[Connection, ...]) -> Iterator[Row]:
    """The rows of the table that exist for these connections."""
    actions = {
        child.start_action for connection in connections for child in connection.children if child.mode != "pass"
    }
    exists = {
        Only.ALWAYS: True,
        Only.WITH_TRAP: "trap" in actions,
        Only.WITH_DPD: any(connection.dpd_delay_s is not None for connection in connections),
        Only.WITH_START: "start" in actions,
        Only.WITHOUT_START: bool(actions - {"start"}),
        Only.MOVING: any(map(may_move, connections)),
    }
    yield from (row for row in TABLE if exists[row.only])


def may_move(connection: Connection) -> bool:
    """Whether an SA of it may go on with another address or port at one of its ends.

    The peer's may change where nobody knows it, where there are several of them, and where ESP is in UDP, because
    there is a NAT then (RFC 3948). This end's may where it is leased, and IKEv2 tells the peer (RFC 4555).
    """
    if connection.encap or len(connection.remote_addrs) != 1:
        return True
    return connection.leased_from is not None and connection.mobike and connection.version != 1


def situations(plan: Plan, focus: tuple[Connection, ...], cone: tuple[Connection, ...]) -> Iterator[Situation]:
    """Every situation of the focus connections, with the rest of the cone and the network around them."""
    names = {connection.name for connection in focus}
    others = [connection for connection in cone if connection.name not in names]
    moves = list(moves_of(plan))
    for row in rows_for(focus):
        for elsewhere in _elsewhere(row, others):
            for raised in raised_sets(plan, row, elsewhere):
                for move in moves:
                    yield Situation(row, raised, elsewhere, move)


def _elsewhere(row: Row, others: list[Connection]) -> Iterator[tuple[tuple[str, Row], ...]]:
    if row.shared or not others:
        yield ()
        return
    choices = []
    for connection in others:
        distinct = {
            content_of(candidate): candidate for candidate in rows_for((connection,)) if not candidate.shared
        }
        choices.append([(connection.name, candidate) for candidate in distinct.values()])
    yield from product(*choices)


def content_of(row: Row) -> tuple[Left, bool, bool]:
    """What a row leaves of one connection, apart from its VTI."""
    return row.policies, row.sa, row.inbound


def raised_sets(plan: Plan, row: Row, elsewhere: tuple[tuple[str, Row], ...] = ()) -> Iterator[frozenset[str]]:
    """Which VTIs may be up in that row: each goes its own way where the script may have lost an update."""
    rows = dict(elsewhere)
    owner = {child.name: connection.name for connection in plan.connections for child in connection.children}
    vtis = [link for link in plan.links if link.raised_by]
    options = [
        [(link.name, raised) for raised in rows.get(owner.get(link.raised_by or "", ""), row).vti.value]
        for link in vtis
    ]
    for combination in product(*options):
        yield frozenset(name for name, raised in combination if raised)


def moves_of(plan: Plan) -> Iterator[Move]:
    """What the network may do to this Plan."""
    yield UNDISTURBED
    trust = trust_of(plan)
    for name in sorted(trust.underlays):
        yield Move("wan-down", name)
    yield Move("default-gone")
    for link in plan.links:
        # PPP's own negotiation (RFC 1332) knows addresses, no routes.
        if link.dynamic and link.kind != "pppoe" and link.name in trust.untrusted:
            yield Move("more-specific", link.name)
