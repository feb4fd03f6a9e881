"""From circumstances of a walk to rows of the lifecycle table, as seen from the connections of one entry.

The enumeration of :mod:`sapper.proof.states.situation`, said in masks: the focus connections are in one row together; another
connection of the cone is in that row, too, where the row concerns the daemon, and otherwise in any content that its own
rows can leave; a connection outside the cone follows the focus.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import Connection, Plan
from sapper.proof.index.circumstance import ALL_ROWS, Circumstance, Variable, mask_of
from sapper.proof.index.policies import SA_ROWS, Policies
from sapper.proof.properties.protected import Entry
from sapper.proof.states.lifecycle import TABLE, TAMPERING, Row
from sapper.proof.states.situation import content_of, may_move, rows_for

_Actions = frozenset[tuple[str, str, str, str | None, bool, bool]]
SHARED = mask_of(row for row in TABLE if row.shared)
TAMPERED = mask_of(row for row in TABLE if row.state in TAMPERING)


class Connections:
    """What every focus needs to know of a Plan's connections."""

    def __init__(self, plan: Plan, policies: Policies) -> None:
        self.by_name = {connection.name: connection for connection in plan.connections}
        self.loose = {
            connection.name
            for connection in plan.connections
            if any(child.if_id is None for child in connection.children)
        }
        self.unknown = policies.unknown
        self.bound_unknown = bool(self.unknown.keys() - self.loose)
        self._contents: dict[_Actions, tuple[Row, ...]] = {}
        self._masks: dict[_Actions, int] = {}
        self._rows: dict[_Actions, int] = {}
        # By identity, with the connection itself so that the identity stays its own.
        self._actions: dict[int, tuple[Connection, _Actions]] = {}

    def contents(self, name: str) -> tuple[Row, ...]:
        """A row for each distinct content that a connection of its own accord leaves, in the reference's order."""
        key = self._actions_of((self.by_name[name],))
        found = self._contents.get(key)
        if found is None:
            rows = (row for row in rows_for((self.by_name[name],)) if not row.shared)
            found = tuple({content_of(row): row for row in rows}.values())
            self._contents[key] = found
            self._masks[key] = mask_of(found)
        return found

    def contents_mask(self, name: str) -> int:
        """The same as bits."""
        self.contents(name)
        return self._masks[self._actions_of((self.by_name[name],))]

    def rows(self, connections: tuple[Connection, ...]) -> int:
        """The rows that exist for these connections together, as bits."""
        key = self._actions_of(connections)
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = mask_of(rows_for(connections))
        return found

    def _actions_of(self, connections: tuple[Connection, ...]) -> _Actions:
        """As :func:`_actions`; each connection's are worked out once, however many entries its children are."""
        every: list[_Actions] = []
        for connection in connections:
            known = self._actions.get(id(connection))
            if known is None:
                known = self._actions[id(connection)] = connection, _actions((connection,))
            every.append(known[1])
        return every[0] if len(every) == 1 else frozenset().union(*every)


class Focus:
    """``all_rows`` are the rows that exist for the entry's connections, ``names`` theirs."""

    def __init__(self, connections: Connections, entry: Entry) -> None:
        self._known = connections
        self.names = tuple(connection.name for connection in entry.connections)
        self.by_name = connections.by_name
        self._own = set(self.names)
        self.all_rows = connections.rows(entry.connections)
        self._has_unknown = bool(connections.unknown)

    def follows(self, name: str) -> bool:
        """Whether that connection is in the focus' row always."""
        return name in self._own or name not in self._known.loose

    def rows(self, when: Circumstance) -> int:
        """The rows of the focus in which the circumstance may be; 0 if it cannot be at all."""
        rows = self.all_rows
        for (kind, name), mask in when.items():
            if kind != "row":
                continue
            if self.follows(name):
                rows &= mask
            else:
                apart = self._known.contents_mask(name) & mask
                rows &= (mask & SHARED) | (ALL_ROWS & ~SHARED if apart else 0)
        return rows

    def sure(self, when: Circumstance, rows: int) -> int:
        """Those of the rows in which it may be while no policy with unknown selectors is installed."""
        known = self._known
        if not self._has_unknown:
            return rows
        rows &= ~(SA_ROWS & SHARED)
        if known.bound_unknown or not self._own.isdisjoint(known.unknown):
            rows &= ~SA_ROWS
        for name in self._asked(when):
            if name in known.unknown and not known.contents_mask(name) & when["row", name] & ~SA_ROWS:
                rows &= SHARED
        return rows

    def doubts(self, when: Circumstance, rows: int) -> Iterator[str]:
        """The policies with unknown selectors that may be installed then."""
        for name, lines in self._known.unknown.items():
            mask = when.get(("row", name), ALL_ROWS)
            if self.follows(name):
                there = rows & SA_ROWS
            else:
                apart = self._known.contents_mask(name) & mask & SA_ROWS
                there = rows & SHARED & SA_ROWS | (rows & ~SHARED if apart else 0)
            if there:
                yield from lines

    def choice(self, when: Circumstance, row: int) -> Iterator[tuple[str, Row]]:
        """A content for each connection that the circumstance binds and that does not follow the focus' row."""
        if 1 << row & SHARED:
            return
        for name in self._asked(when):
            fitting = (content for content in self._known.contents(name) if mask_of((content,)) & when["row", name])
            found = next(fitting, None)
            if found is not None:
                yield name, found

    def _asked(self, when: Circumstance) -> list[str]:
        return [name for kind, name in when if kind == "row" and not self.follows(name)]

    def situations(self, whens: list[Circumstance], moves: int) -> int:
        """How many situations there are of what the walks asked about: rows, other connections, VTIs, moves."""
        asked: set[Variable] = set().union(*whens) if whens else set()
        asked = {variable for variable in asked if variable[0] == "raised" or self._is_other(variable)}
        if not asked:
            return self.all_rows.bit_count() * moves
        total = 0
        for at, row in enumerate(TABLE):
            if not 1 << at & self.all_rows:
                continue
            number = 1
            for kind, name in asked:
                if kind == "raised":
                    number *= len(row.vti.value)
                elif not row.shared:
                    number *= len(self._known.contents(name))
            total += number
        return min(total * moves, _COUNTABLE)

    def _is_other(self, variable: Variable) -> bool:
        return variable[0] == "row" and not self.follows(variable[1])


# As far as JSON readers count.
_COUNTABLE = 2**53 - 1


def _actions(connections: tuple[Connection, ...]) -> _Actions:
    """All that decides which rows exist for connections."""
    return frozenset(
        (
            child.mode,
            child.start_action,
            child.close_action,
            child.dpd_action,
            connection.dpd_delay_s is None,
            may_move(connection),
        )
        for connection in connections
        for child in connection.children
    )
