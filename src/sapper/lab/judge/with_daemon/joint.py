"""Two routers at once: what an event at one of them makes of both, and where the two come to rest.

One router's part is :mod:`sapper.proof.states.history`; here is only who hears what of whom. ``shared``: both know an SA of
each other's; ``stale``: a router has an SA that the other one does not know (any more). What a real daemon may do in
one way or another gives several states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import msgspec
from msgspec.structs import replace

from sapper.proof.states.history import Actions, Event, Held, after

Both = tuple[Actions, Actions]
_LIMIT = 400


class Joint(msgspec.Struct, frozen=True, kw_only=True):
    """Both routers, in the order of the pair."""

    held: tuple[Held, Held] = (Held(), Held())
    shared: bool = False
    stale: tuple[bool, bool] = (False, False)

    @property
    def silent(self) -> bool:
        return self.held[0].silent


def happen(joint: Joint, at: int, event: Event, actions: Both) -> frozenset[Joint]:
    """What the event at router ``at`` can lead to at once, before anybody has answered anybody."""
    return frozenset(_happen(joint, at, event, actions))


def rest(joints: Iterable[Joint], actions: Both) -> frozenset[Joint]:
    """Every state in which both can stay: what must still happen has happened. Raises ValueError for too many."""
    todo = list(joints)
    seen = set(todo)
    settled: set[Joint] = set()
    while todo:
        joint = todo.pop()
        forced = set(_forced(joint, actions))
        if not forced:
            settled.add(joint)
        for reached in (forced or set()) | set(_possible(joint, actions)):
            if reached not in seen:
                seen.add(reached)
                todo.append(reached)
        if len(seen) > _LIMIT:
            raise ValueError("too many states to follow")
    return frozenset(settled)


def _with(joint: Joint, at: int, held: Held) -> Joint:
    return replace(joint, held=(held, joint.held[1]) if at == 0 else (joint.held[0], held))


def _stale(joint: Joint, at: int, value: bool) -> Joint:
    return replace(joint, stale=(value, joint.stale[1]) if at == 0 else (joint.stale[0], value))


def _step(joint: Joint, at: int, event: Event, actions: Both) -> Iterator[Joint]:
    for held in after(joint.held[at], event, actions[at]):
        yield _with(joint, at, held)


def _happen(joint: Joint, at: int, event: Event, actions: Both) -> Iterator[Joint]:
    if event in (Event.SILENCE, Event.ANSWER):
        for first in _step(joint, 0, event, actions):
            yield from _step(first, 1, event, actions)
    elif event in (Event.TERMINATE, Event.STOP):
        for mine in _step(joint, at, event, actions):
            yield from _told(_stale(mine, at, False), at, actions)
    elif event in (Event.KILL, Event.BOOT):
        for mine in _step(joint, at, event, actions):
            yield _untold(_stale(mine, at, False), at)
    elif event in (Event.UNLOAD, Event.RELOAD):
        yield from _unloaded(joint, at, event, actions)
    elif event is Event.EXPIRE:
        held = joint.held[at]
        for mine in _step(joint, at, event, actions):
            if held.up and held.keys:
                yield from _told(_stale(mine, at, False), at, actions)
            else:
                yield mine
    elif event is Event.REKEY:
        yield from _rekeyed(joint, at, actions)
    else:
        yield from _step(joint, at, event, actions)


def _unloaded(joint: Joint, at: int, event: Event, actions: Both) -> Iterator[Joint]:
    held = joint.held[at]
    closes = actions[at].start_action == "start" and held.up and held.loaded and held.daemon
    for mine in _step(joint, at, event, actions):
        yield from _told(_stale(mine, at, False), at, actions) if closes else (mine,)


def _rekeyed(joint: Joint, at: int, actions: Both) -> Iterator[Joint]:
    """A rekeying that nobody answers ends the SA."""
    if joint.shared and not joint.silent:
        for mine in _step(joint, at, Event.REKEY, actions):
            yield from _step(mine, 1 - at, Event.REKEY, actions)
    elif joint.held[at].up:
        for mine in _step(joint, at, Event.PEER_GONE, actions):
            yield _untold(_stale(mine, at, False), at)
    else:
        yield joint


def _untold(joint: Joint, at: int) -> Joint:
    """Router ``at`` has lost the shared SA, and the other one does not know."""
    return replace(_stale(joint, 1 - at, True), shared=False) if joint.shared else joint


def _told(joint: Joint, at: int, actions: Both) -> Iterator[Joint]:
    """Router ``at`` has closed what it had, and says so to the other one."""
    if not joint.shared:
        yield joint
    elif joint.silent:
        yield _untold(joint, at)
    else:
        joint = replace(joint, shared=False)
        if joint.stale[1 - at]:
            yield from _one_of_two_ended(joint, 1 - at, Event.PEER_TERMINATES, actions)
        else:
            yield from _step(joint, 1 - at, Event.PEER_TERMINATES, actions)


def _one_of_two_ended(joint: Joint, at: int, event: Event, actions: Both) -> Iterator[Joint]:
    """Another SA stays; the actions for the end of one are run, and its script may lower the VTI."""
    held = joint.held[at]
    yield joint
    if actions[at].vti:
        yield _with(joint, at, replace(held, raised=False))
    action = actions[at].close_action if event is Event.PEER_TERMINATES else actions[at].dpd_action
    if action in ("start", "restart"):
        yield _with(joint, at, replace(held, asking=True))
    if action == "trap" and actions[at].trap_accepted:
        yield _with(joint, at, replace(held, trap=True))


def _forced(joint: Joint, actions: Both) -> Iterator[Joint]:
    """What must still happen, if somebody only waits."""
    asking = [at for at in (0, 1) if joint.held[at].asking]
    for at in asking:
        held, other = joint.held[at], joint.held[1 - at]
        if held.up and joint.stale[at]:
            yield from _asks_in_vain(joint, at, actions)
        if not joint.silent and other.daemon:
            if other.loaded:
                yield from _established(joint, at, actions, both=len(asking) == 2)
            else:
                yield _with(joint, at, replace(held, asking=False))
    for at in (0, 1):
        held = joint.held[at]
        unanswered = joint.stale[at] or (joint.shared and joint.silent)
        if held.up and unanswered and actions[at].dpd and held.daemon:
            yield from _detected(joint, at, actions)


def _asks_in_vain(joint: Joint, at: int, actions: Both) -> Iterator[Joint]:
    """The request goes into the SA that the peer does not know: it is given up, and perhaps made anew."""
    for gone in _step(_stale(joint, at, False), at, Event.PEER_GONE, actions):
        gone = _untold(gone, at)
        yield gone
        yield _with(gone, at, replace(gone.held[at], asking=True))


def _detected(joint: Joint, at: int, actions: Both) -> Iterator[Joint]:
    if joint.stale[at] and joint.shared and not joint.silent:
        yield from _one_of_two_ended(_stale(joint, at, False), at, Event.PEER_GONE, actions)
        return
    for gone in _step(_stale(joint, at, False), at, Event.PEER_GONE, actions):
        yield _untold(gone, at)


def _established(joint: Joint, at: int, actions: Both, *, both: bool) -> Iterator[Joint]:
    """Where both ask, both succeed, and there are two SAs. Without unique IDs an older SA stays where it is."""
    for mine in _step(joint, at, Event.ESTABLISHED, actions):
        for up in _step(mine, 1 - at, Event.PEER_INITIATES, actions):
            came = replace(up, shared=True)
            if both:
                for held in after(came.held[at], Event.PEER_INITIATES, actions[at]):
                    yield _with(came, at, held)
            yield came


def _possible(joint: Joint, actions: Both) -> Iterator[Joint]:
    """What may happen or not: a request given up, a stray packet (a tunnel's own multicast) that a trap catches."""
    for at in (0, 1):
        if joint.silent or not joint.held[1 - at].daemon:
            yield from _step(joint, at, Event.GIVEN_UP, actions)
        yield from _step(joint, at, Event.TRAFFIC, actions)


def both_states(joints: Iterable[Joint]) -> Iterator[tuple[Held, Held]]:
    """The pairs of states, each once."""
    yield from dict.fromkeys(joint.held for joint in joints)


def first_steps(joint: Joint) -> list[tuple[int, Event]]:
    """All events that can be made to happen at either router, in a fixed order."""
    del joint
    return [(at, event) for at, event in product((0, 1), MADE)]


MADE = (
    Event.BOOT,
    Event.START,
    Event.LOAD,
    Event.UNLOAD,
    Event.RELOAD,
    Event.INITIATE,
    Event.TRAFFIC,
    Event.TERMINATE,
    Event.EXPIRE,
    Event.REKEY,
    Event.STOP,
    Event.KILL,
    Event.FLUSH,
    Event.SILENCE,
    Event.ANSWER,
    Event.LOWER,
    Event.RAISE,
)
