"""The shortest way of events from a boot into a situation: in order, and in words for every report.

A situation is a row of the lifecycle for each connection, VTIs that are raised, and a move of the network. Rows that
concern the daemon are reached by all connections together; in the others each connection goes its own way after the
daemon has loaded it. The network moves last. Replaying the events in :mod:`sapper.proof.states.history` leads into the
situation; the tests do that, and look for a shorter way among all that is in reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sapper.kernel.plan import Connection, Link, Plan
from sapper.proof.states.history import Event
from sapper.proof.states.lifecycle import Row, State, Vti
from sapper.proof.states.situation import Move, Situation

WORDS: dict[Event, str] = {
    Event.BOOT: "boot",
    Event.START: "the daemon starts",
    Event.LOAD: "the connections are loaded",
    Event.UNLOAD: "the connections are unloaded",
    Event.ESTABLISHED: "the peer answers, the SA is up",
    Event.PEER_INITIATES: "the peer initiates, the SA is up",
    Event.TERMINATE: "this side closes the SA",
    Event.PEER_TERMINATES: "the peer closes the SA",
    Event.SILENCE: "the peer falls silent",
    Event.PEER_GONE: "the peer is taken for dead",
    Event.MOVED: "an end of the SA gets another address or port",
    Event.EXPIRE: "the hard lifetime passes",
    Event.STOP: "the daemon is stopped",
    Event.KILL: "the daemon is killed",
    Event.FLUSH: "somebody flushes policies and states",
    Event.RAISE: "somebody raises",
}
_ENDS_SA = frozenset(
    {Event.TERMINATE, Event.PEER_TERMINATES, Event.PEER_GONE, Event.EXPIRE, Event.STOP, Event.UNLOAD}
)


class Tail(NamedTuple):
    """What leads into a row from a loaded connection. ``needs_sa``: its SA has come up first.

    ``own`` happens to the connection, ``together`` to the daemon and so to all of its connections.
    """

    needs_sa: bool
    own: tuple[Event, ...] = ()
    together: tuple[Event, ...] = ()


_TAILS: dict[tuple[State, str | None], Tail] = {
    ("boot", None): Tail(False),
    ("negotiating", None): Tail(False),
    ("up", None): Tail(True),
    ("up", "moved"): Tail(True, (Event.MOVED,)),
    ("deleted", "local"): Tail(True, (Event.TERMINATE,)),
    ("deleted", "peer"): Tail(True, (Event.PEER_TERMINATES,)),
    ("deleted", "dpd"): Tail(True, (Event.SILENCE, Event.PEER_GONE)),
    ("expired", None): Tail(True, (Event.SILENCE, Event.EXPIRE)),
    ("stopped", None): Tail(False, (), (Event.STOP,)),
    ("crashed", None): Tail(True, (), (Event.KILL,)),
    ("crashed", "lifetime passed"): Tail(True, (), (Event.KILL, Event.EXPIRE)),
    ("restarted", None): Tail(True, (), (Event.KILL, Event.START)),
    ("restarted", "lifetime passed"): Tail(True, (), (Event.KILL, Event.START, Event.EXPIRE)),
    ("reloading", "SA kept"): Tail(True, (), (Event.UNLOAD,)),
    ("reloading", "SA closed"): Tail(True, (), (Event.UNLOAD,)),
    ("reloading", "before an SA"): Tail(False, (), (Event.UNLOAD,)),
    ("flushed", None): Tail(True, (), (Event.FLUSH,)),
}
# A VTI that is raised without an SA has had one: the update that should have lowered it was lost.
_TAILS_RAISED: dict[tuple[State, str | None], Tail] = {
    ("negotiating", None): Tail(True, (Event.TERMINATE,)),
    ("stopped", None): Tail(True, (), (Event.STOP,)),
    ("reloading", "before an SA"): Tail(True, (Event.TERMINATE,), (Event.UNLOAD,)),
}


class Happening(NamedTuple):
    """One event. ``connection`` None: of the daemon and all its connections. ``stay`` are VTIs that nobody lowers."""

    event: Event
    connection: Connection | None = None
    stay: tuple[str, ...] = ()


class Parties(NamedTuple):
    """Who may have a part: ``owner`` maps a child's name to its connection's."""

    connections: Mapping[str, Connection]
    owner: Mapping[str, str]
    links: Mapping[str, Link]


def parties_of(plan: Plan) -> Parties:
    """Everybody of a Plan."""
    return Parties(
        {connection.name: connection for connection in plan.connections},
        {child.name: connection.name for connection in plan.connections for child in connection.children},
        {link.name: link for link in plan.links},
    )


def tail_of(row: Row, *, raised: bool = False) -> Tail:
    """What leads into a row; ``raised``: into the case of it that its VTI is up, where it need not be."""
    key = (row.state, row.cause or row.variant)
    return _TAILS_RAISED.get(key, _TAILS[key]) if raised and row.vti is Vti.EITHER else _TAILS[key]


def way_into(row: Row, connection: Connection, *, raised: bool = False) -> tuple[Event, ...]:
    """The events that lead one connection from a boot into a row."""
    if row.state == "boot":
        return ()
    tail = tail_of(row, raised=raised)
    return (Event.START, Event.LOAD, *_own(connection, tail), *tail.together)


def _own(connection: Connection, tail: Tail) -> tuple[Event, ...]:
    """What happens to the connection alone; to one that only lets packets pass, nothing does."""
    child = next((child for child in connection.children if child.mode != "pass"), None)
    if child is None or not tail.needs_sa:
        return ()
    asks = child.start_action == "start" and connection.remote_addrs
    return (Event.ESTABLISHED if asks else Event.PEER_INITIATES, *tail.own)


class Way:
    """What leads into one situation: ``involved`` are the connections that have a part, in the order of their events."""

    def __init__(self, parties: Parties, focus: Iterable[str], situation: Situation) -> None:
        self._situation = situation
        self._raised: dict[str, list[str]] = {}
        for name in sorted(situation.raised):
            child = parties.links[name].raised_by or ""
            self._raised.setdefault(parties.owner.get(child, ""), []).append(name)
        names = dict.fromkeys((*(name for name, _ in situation.others), *self._raised, *focus))
        self.involved = [parties.connections[name] for name in names if name in parties.connections]

    def happenings(self) -> Iterator[Happening]:
        """Everything between the boot and the network's move."""
        row = self._situation.row
        if row.state != "boot":
            yield Happening(Event.START)
            yield Happening(Event.LOAD)
        left: list[str] = []
        for connection in self.involved:
            own = list(self._alone(connection))
            yield from own
            if not any(item.event in _ENDS_SA for item in own):
                left += self._staying(connection)
        if row.shared:
            for event in tail_of(row).together:
                yield Happening(event, None, tuple(left) if event in _ENDS_SA else ())
        yield from (Happening(Event.RAISE, None, (name,)) for name in self._raised.get("", ()))

    def _alone(self, connection: Connection) -> Iterator[Happening]:
        stay = self._staying(connection)
        tail = tail_of(self._situation.row_of(connection.name), raised=bool(stay))
        for event in _own(connection, tail):
            yield Happening(event, connection, stay if event in _ENDS_SA else ())

    def _staying(self, connection: Connection) -> tuple[str, ...]:
        """Its VTIs that are raised where they need not be."""
        either = self._situation.row_of(connection.name).vti is Vti.EITHER
        return tuple(self._raised.get(connection.name, ())) if either else ()


def events_into(parties: Parties, focus: Iterable[str], situation: Situation) -> tuple[str, ...]:
    """A shortest way of events into a situation, in words; connections are named where several have a part."""
    way = Way(parties, focus, situation)
    named = len(way.involved) > 1
    told = (_sentence(item, named=named) for item in way.happenings())
    return (WORDS[Event.BOOT], *told, *moved(situation.move))


def _sentence(item: Happening, *, named: bool) -> str:
    text, connection = WORDS[item.event], item.connection
    if named and connection is not None:
        text = f"{connection.title or connection.name}: {text}"
    names = " and ".join(item.stay)
    if item.event is Event.RAISE:
        return f"{text} {names}"
    stays = "stays" if len(item.stay) == 1 else "stay"
    return f"{text}, and {names} {stays} raised (a lost update)" if names else text


def moved(move: Move) -> tuple[str, ...]:
    """The network's move as an event; none where it is undisturbed."""
    text = {
        "undisturbed": "",
        "wan-down": f"{move.link} goes down",
        "default-gone": "the default route goes",
        "more-specific": f"a more specific route is announced on {move.link}",
    }[move.kind]
    return (text,) if text else ()
