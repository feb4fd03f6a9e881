"""The situations that a question about one entry covers, as products, counted and sampled.

The same situations as :func:`sapper.proof.states.situation.situations` enumerates, but only as far as a question tells them
apart. The focus goes through its rows. Another connection of the cone is in the focus' row where that row concerns
the daemon, else in any content that its own rows can leave. A connection outside the cone follows the focus. VTIs
may be up as their owner's row allows, and the network moves in any way. Uses only what the reference proof uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sapper.kernel.plan import Connection, Plan
from sapper.proof.properties.protected import Entry
from sapper.proof.states.effective import selectors_known
from sapper.proof.states.lifecycle import TABLE, Row, sa_policies_installed
from sapper.proof.states.situation import Situation, content_of, moves_of, rows_for

LOWERED, RAISED, EITHER = 1, 2, 3
SHARED = sum(1 << at for at, row in enumerate(TABLE) if row.shared)
SA_ROWS = sum(1 << at for at, row in enumerate(TABLE) if sa_policies_installed(row))
_AT = {row: at for at, row in enumerate(TABLE)}
# Chooses one of that many, by number.
Choice = Callable[[int], int]


class When(NamedTuple):
    """Masks: rows of the focus, moves of the network, rows of other connections, states of VTIs; absent means any."""

    rows: int
    moves: int
    others: tuple[tuple[str, int], ...] = ()
    raised: tuple[tuple[str, int], ...] = ()


class Variables(NamedTuple):
    """What the cells of a question ask about, besides the focus and the network; in order of name."""

    others: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()


class Surroundings:
    """What every entry of one completed Plan has around it."""

    def __init__(self, plan: Plan) -> None:
        self.connections = {connection.name: connection for connection in plan.connections}
        self.moves = tuple(moves_of(plan))
        self.loose = {
            connection.name
            for connection in plan.connections
            if any(child.if_id is None for child in connection.children)
        }
        owner = {child.name: item.name for item in plan.connections for child in item.children}
        self.owners = {link.name: owner.get(link.raised_by, "") for link in plan.links if link.raised_by}
        self.unknown = {item.name: lines for item in plan.connections if (lines := tuple(_unknown(item)))}
        self._contents: dict[str, tuple[int, ...]] = {}
        self._strange: dict[int, tuple[str, ...]] = {}

    def contents(self, name: str) -> tuple[int, ...]:
        """A row for each distinct content that the connection of its own accord leaves."""
        found = self._contents.get(name)
        if found is None:
            rows = [row for row in rows_for((self.connections[name],)) if not row.shared]
            found = tuple(_AT[row] for row in {content_of(row): row for row in rows}.values())
            self._contents[name] = found
        return found

    def strange(self, at: int) -> tuple[str, ...]:
        """The loose connections for which that row does not exist."""
        if at not in self._strange:
            self._strange[at] = tuple(
                name
                for name in sorted(self.loose)
                if not TABLE[at].shared and TABLE[at] not in tuple(rows_for((self.connections[name],)))
            )
        return self._strange[at]


def _unknown(connection: Connection) -> Iterator[str]:
    for child in connection.children:
        if not selectors_known(connection, child):
            yield f"{child.title}: its selectors depend on an address known only when the SA is up"


class Space:
    """The situations of one entry."""

    def __init__(self, around: Surroundings, entry: Entry) -> None:
        self.around = around
        self._own = {connection.name for connection in entry.connections}
        self.rows = sum(1 << _AT[row] for row in rows_for(entry.connections))
        self.moves = (1 << len(around.moves)) - 1
        self.everything = When(self.rows, self.moves)

    def follows(self, name: str) -> bool:
        """Whether that connection is always in the row of the focus."""
        return name in self._own or name not in self.around.loose

    def full(self, name: str) -> int:
        """The rows that another connection may be in, as a mask."""
        return self.rows & SHARED | sum(1 << at for at in self.around.contents(name))

    def closed(self, others: set[str], raised: set[str]) -> Variables:
        """With the connections that VTIs depend on."""
        owners = {self.around.owners[name] for name in raised}
        others = others | {name for name in owners if name and not self.follows(name)}
        return Variables(tuple(sorted(others)), tuple(sorted(raised)))

    def variables(self, whens: Iterable[When]) -> Variables:
        """What these sets ask about."""
        every = list(whens)
        others = {name for when in every for name, _ in when.others}
        return self.closed(others, {name for when in every for name, _ in when.raised})

    def count(self, when: When, asked: Variables) -> int:
        """How many situations there are, of those that the variables tell apart."""
        total = sum(self.ways(at, when, asked) for at in bits(when.rows & self.rows))
        return total * (when.moves & self.moves).bit_count()

    def ways(self, at: int, when: When, asked: Variables) -> int:
        """How many there are with the focus in that row, the network aside."""
        others, raised = dict(when.others), dict(when.raised)
        number = 1
        for vti in asked.raised:
            owner = self.around.owners[vti]
            if not owner or self.follows(owner):
                number *= _options(TABLE[at], raised.get(vti, EITHER)).bit_count()
        for name in asked.others:
            number *= sum(ways for _, ways in self._places(at, name, others.get(name, -1), raised, asked))
        return number

    def _places(
        self, at: int, name: str, mask: int, raised: dict[str, int], asked: Variables
    ) -> Iterator[tuple[int, int]]:
        """The rows that another connection may be in, each with the ways that its VTIs may be."""
        for place in (at,) if TABLE[at].shared else self.around.contents(name):
            if mask >> place & 1:
                number = 1
                for vti in asked.raised:
                    if self.around.owners[vti] == name:
                        number *= _options(TABLE[place], raised.get(vti, EITHER)).bit_count()
                if number:
                    yield place, number

    def sure(self, at: int, when: When, asked: Variables) -> bool:
        """Whether the focus may be in that row while no policy with unknown selectors is installed."""
        others = dict(when.others)
        for name in self.around.unknown:
            if self.follows(name) or TABLE[at].shared:
                if SA_ROWS >> at & 1:
                    return False
            elif name in asked.others:
                others[name] = others.get(name, -1) & ~SA_ROWS
        return self.ways(at, when._replace(others=tuple(others.items())), asked) > 0

    def doubts(self, at: int, when: When, asked: Variables) -> Iterator[str]:
        """The policies with unknown selectors that may be installed then."""
        for name, lines in self.around.unknown.items():
            if self.follows(name) or TABLE[at].shared:
                there = bool(SA_ROWS >> at & 1) and self.ways(at, when, asked) > 0
            elif name in asked.others:
                others = {**dict(when.others), name: dict(when.others).get(name, -1) & SA_ROWS}
                there = self.ways(at, when._replace(others=tuple(others.items())), asked) > 0
            else:
                there = self.ways(at, when, asked) > 0
            if there:
                yield from lines

    def member(self, when: When, asked: Variables, choose: Choice) -> Situation:
        """One situation; what the cell does not name is as nothing special as can be. There must be one."""
        rows = [at for at in bits(when.rows & self.rows) if self.ways(at, when, asked)]
        at = rows[choose(len(rows))]
        others, raised = dict(when.others), dict(when.raised)
        chosen: dict[str, int] = {}
        if not TABLE[at].shared:
            for name in self.around.strange(at):
                if not self.follows(name):
                    contents = self.around.contents(name)
                    chosen[name] = contents[choose(len(contents))]
            for name in asked.others:
                places = [place for place, _ in self._places(at, name, others.get(name, -1), raised, asked)]
                chosen[name] = places[choose(len(places))]
        moves = list(bits(when.moves & self.moves))
        return Situation(
            TABLE[at],
            frozenset(self._raised(at, raised, chosen, choose)),
            tuple((name, TABLE[place]) for name, place in sorted(chosen.items())),
            self.around.moves[moves[choose(len(moves))]],
        )

    def _raised(self, at: int, named: dict[str, int], chosen: dict[str, int], choose: Choice) -> Iterator[str]:
        """The VTIs that are up. Those that the cell does not name do as those that it names, where they can."""
        wish = next(iter(named.values()), EITHER)
        wish = (LOWERED, RAISED)[choose(2)] if wish == EITHER else wish
        for vti, owner in self.around.owners.items():
            row = TABLE[chosen.get(owner, at)]
            may = _options(row, named.get(vti, EITHER))
            state = wish if may & wish else may
            if state & RAISED:
                yield vti


def both(one: When, other: When) -> When:
    """The situations of both."""
    return When(
        one.rows & other.rows,
        one.moves & other.moves,
        _met(one.others, other.others),
        _met(one.raised, other.raised),
    )


def _met(one: tuple[tuple[str, int], ...], other: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    if not one or not other:
        return one or other
    found = dict(one)
    for name, mask in other:
        found[name] = found.get(name, -1) & mask
    return tuple(sorted(found.items()))


def bits(mask: int) -> Iterator[int]:
    """The positions of the bits, the lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _options(row: Row, mask: int) -> int:
    return mask & sum(RAISED if state else LOWERED for state in row.vti.value)
