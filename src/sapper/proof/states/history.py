"""What events make of one router's connection: the machine behind the table of lifecycle states.

:class:`Held` is what the daemon believes and what the kernel has; :func:`after` gives every state that an event can
lead to. What all events together lead to, and which row of the table that is, tells :mod:`sapper.proof.states.reach`.

Steps are small: an event that begins a negotiation makes a router ask; that the peer answers is an event of its own.
Source: strongSwan 5.9.8, kernel_netlink_ipsec.c ("policy already exists, try to update it"), trap_manager.c, ike_sa.c
(reestablish), vici_config.c (clear_start_action), and the judge (:mod:`sapper.lab.judge.with_daemon`).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Literal

import msgspec
from msgspec.structs import replace

from sapper.kernel.plan import Child, Connection
from sapper.proof.states.effective import trap_accepted
from sapper.proof.states.situation import may_move

InKernel = Literal["none", "trap", "sa"]
InTable220 = Literal["none", "own", "left"]


class Event(Enum):
    """What can happen to one router. The last two are answers to a negotiation that has begun."""

    BOOT = "boot"
    START = "start anew"
    LOAD = "load"
    UNLOAD = "unload"
    RELOAD = "reload"
    INITIATE = "initiate"
    PEER_INITIATES = "peer initiates"
    TRAFFIC = "traffic"
    TERMINATE = "terminate"
    PEER_TERMINATES = "peer terminates"
    PEER_GONE = "peer gone"
    EXPIRE = "hard expiry"
    REKEY = "rekey"
    MOVED = "SA moved"
    STOP = "orderly stop"
    KILL = "kill -9"
    FLUSH = "flush"
    SILENCE = "peer silent"
    ANSWER = "peer back"
    LOWER = "VTI lowered"
    RAISE = "VTI raised"
    ESTABLISHED = "peer answers"
    GIVEN_UP = "given up"


TAMPERING_EVENTS = frozenset({Event.FLUSH})


class Actions(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection's configuration says about its lifecycle. ``forever``: it asks without end (keyingtries 0).

    ``dpd``: dead peer detection runs; ``dpd_action`` counts for every request that stays unanswered. ``vti``: an
    updown script raises and lowers an interface. ``initiates``: the peer's address is known. ``recreates``: an expired child is made anew (IKEv2).
    ``moves``: an end of the SA may get another address or port.
    """

    start_action: Literal["none", "trap", "start"] = "none"
    close_action: Literal["none", "trap", "start"] = "none"
    dpd_action: Literal["clear", "trap", "restart"] | None = None
    dpd: bool = False
    trap_accepted: bool = True
    vti: bool = False
    forever: bool = False
    initiates: bool = True
    recreates: bool = True
    moves: bool = False


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One router's part of a connection. ``asking``, ``up`` and ``trap`` are what its daemon believes.

    ``policies`` is the policy in the kernel (a trap lies hidden under an SA's), ``orphaned`` one that a daemon which was
    killed has left. ``keys`` are the states of the daemon's own SA, ``old_keys`` those of a killed one. ``routes``:
    table 220 has no route, the daemon's own, or one that a killed daemon has left. ``moving``: the daemon has taken the
    states and the inbound policies away, to write them again with other ends; the outbound policy blocks.
    """

    daemon: bool = False
    loaded: bool = False
    asking: bool = False
    up: bool = False
    trap: bool = False
    policies: InKernel = "none"
    orphaned: bool = False
    keys: bool = False
    old_keys: bool = False
    routes: InTable220 = "none"
    raised: bool = False
    silent: bool = False
    moving: bool = False
    tampered: bool = False


BOOTED = Held()


def actions_of(connection: Connection) -> Actions:
    """The actions of a connection; its children share them, as VyOS makes them."""
    children = [child for child in connection.children if child.mode != "pass"]
    child: Child = children[0]
    return Actions(
        start_action=child.start_action,
        close_action=child.close_action,
        dpd_action=child.dpd_action,
        dpd=connection.dpd_delay_s is not None,
        trap_accepted=trap_accepted(connection, child),
        vti=any(item.updown is not None for item in children),
        forever=connection.keyingtries == 0,
        initiates=bool(connection.remote_addrs),
        recreates=connection.version != 1,
        moves=may_move(connection),
    )


def after(held: Held, event: Event, actions: Actions) -> frozenset[Held]:
    """Every state that the event can leave; the state itself where the event cannot happen or changes nothing.

    An SA that moves has moved before anything else happens to it: charon has it locked. A daemon that is killed in these
    moments leaves what it had taken away taken away; that is not told apart.
    """
    return frozenset(_STEPS[event](replace(held, moving=False) if held.moving else held, actions))


# What the daemon does with its policies.


def _install_trap(held: Held, actions: Actions) -> Held:
    if not actions.trap_accepted or held.trap:
        return held
    return _with_own_policy(replace(held, trap=True), "sa" if held.up and held.policies == "sa" else "trap")


def _with_own_policy(held: Held, policies: InKernel) -> Held:
    """A policy of the running daemon: it takes over the policy and the route that a killed one has left."""
    return replace(held, policies=policies, orphaned=False, routes="own")


def _without_sa(held: Held) -> Held:
    """The SA's policies go, and the trap under them comes back; what a killed daemon left stays."""
    if not held.up:
        return replace(held, asking=False)
    held = replace(held, up=False, asking=False, keys=False)
    return _with_own_policy(held, "trap") if held.trap else _without_own_policy(held)


def _without_own_policy(held: Held) -> Held:
    routes: InTable220 = "none" if held.routes == "own" else held.routes
    return replace(held, policies="none" if not held.orphaned else held.policies, routes=routes)


def _lowering(before: Held, held: Held, actions: Actions) -> Iterator[Held]:
    """The end of an SA lowers the VTI, unless the update is lost."""
    if actions.vti and before.raised and before.up:
        yield replace(held, raised=False)
    yield held


# One function for each event.


def _boot(held: Held, _: Actions) -> Iterator[Held]:
    yield Held(silent=held.silent)


def _start(held: Held, _: Actions) -> Iterator[Held]:
    yield replace(held, daemon=True)


def _load(held: Held, actions: Actions) -> Iterator[Held]:
    if not held.daemon or held.loaded:
        yield held
        return
    held = replace(held, loaded=True)
    if actions.start_action == "trap":
        held = _install_trap(held, actions)
    yield replace(held, asking=held.asking or (actions.start_action == "start" and actions.initiates))


def _unload(held: Held, actions: Actions) -> Iterator[Held]:
    """A trap of start_action goes, a trap of close_action or dpd_action stays; start closes what it has started."""
    if not held.daemon or not held.loaded:
        yield held
        return
    before, held = held, replace(held, loaded=False)
    if actions.start_action == "start":
        closed = _without_sa(held) if held.up else held
        yield from _lowering(before, replace(closed, asking=before.asking), actions)
        # A negotiation that is under way may end with the connection, or go on without it.
        yield from _lowering(before, replace(closed, asking=False), actions)
        return
    if actions.start_action == "trap" and held.trap:
        held = replace(held, trap=False)
        held = held if held.up else _without_own_policy(held)
    yield held


def _reload(held: Held, actions: Actions) -> Iterator[Held]:
    for unloaded in _unload(held, actions):
        yield from _load(unloaded, actions)


def _initiate(held: Held, actions: Actions) -> Iterator[Held]:
    """A child that is up is not asked for again ("due to existing duplicate"), even if the peer has forgotten it."""
    asks = held.daemon and held.loaded and not held.up and actions.initiates
    yield replace(held, asking=True) if asks else held


def _established(held: Held, actions: Actions) -> Iterator[Held]:
    if held.asking and not held.silent:
        yield from _come_up(held, actions)
    else:
        yield held


def _peer_initiates(held: Held, actions: Actions) -> Iterator[Held]:
    if held.daemon and held.loaded and not held.silent:
        yield from _come_up(held, actions)
    else:
        yield held


def _come_up(held: Held, actions: Actions) -> Iterator[Held]:
    """An SA beside one that is up already changes nothing, but the end of the older one may lower the VTI."""
    up = _with_own_policy(replace(held, up=True, asking=False, keys=True), "sa")
    yield replace(up, raised=actions.vti)
    if actions.vti and held.up:
        yield replace(up, raised=False)


def _given_up(held: Held, actions: Actions) -> Iterator[Held]:
    yield replace(held, asking=False) if held.asking and not actions.forever else held


def _traffic(held: Held, _: Actions) -> Iterator[Held]:
    """A packet in a trap begins a negotiation, if the running daemon knows the trap and no keys serve it."""
    caught = held.daemon and held.trap and held.policies == "trap" and not held.old_keys
    yield replace(held, asking=True) if caught else held


def _terminate(held: Held, actions: Actions) -> Iterator[Held]:
    yield from _lowering(held, _without_sa(held), actions)


def _peer_terminates(held: Held, actions: Actions) -> Iterator[Held]:
    if held.silent:
        yield held
    else:
        yield from _ended(held, actions, trap=actions.close_action == "trap", ask=actions.close_action == "start")


def _peer_gone(held: Held, actions: Actions) -> Iterator[Held]:
    """By dead peer detection, or because the peer left any other request unanswered: it may know the SA no more."""
    yield from _ended(held, actions, trap=actions.dpd_action == "trap", ask=actions.dpd_action == "restart")


def _ended(held: Held, actions: Actions, *, trap: bool, ask: bool) -> Iterator[Held]:
    if not held.up:
        yield held
        return
    for closed in _lowering(held, _without_sa(held), actions):
        acted = _install_trap(closed, actions) if trap else closed
        # The peer's address is known from the SA that has ended, even where the configuration does not say it.
        yield replace(acted, asking=ask)


def _expire(held: Held, actions: Actions) -> Iterator[Held]:
    """With IKEv2 charon makes an expired child anew at once; states of a killed daemon only go."""
    if held.up and held.keys:
        expired = replace(_without_sa(held), old_keys=False)
        yield from (replace(item, asking=actions.recreates) for item in _lowering(held, expired, actions))
    else:
        yield replace(held, old_keys=False)


def _rekey(held: Held, _: Actions) -> Iterator[Held]:
    """New states, and the policies are written again, whatever has happened to them."""
    yield _with_own_policy(replace(held, keys=True), "sa") if held.up and not held.silent else held


def _moved(held: Held, actions: Actions) -> Iterator[Held]:
    """By an ESP packet from elsewhere (XFRM_MSG_MAPPING), or by MOBIKE; the policies of an unloaded connection, too,
    but a trap is missing there for a moment that no row is about.
    """
    moves = held.up and held.loaded and held.keys and held.policies == "sa" and not held.silent and actions.moves
    yield replace(held, moving=True) if moves else held


def _stop(held: Held, actions: Actions) -> Iterator[Held]:
    if not held.daemon:
        yield held
        return
    stopped = _without_sa(held) if held.up else held
    stopped = replace(stopped, trap=False)
    if held.up or held.trap:
        stopped = _without_own_policy(stopped)
    stopped = replace(stopped, daemon=False, loaded=False, asking=False)
    yield from _lowering(held, stopped, actions)


def _kill(held: Held, _: Actions) -> Iterator[Held]:
    yield replace(
        held,
        daemon=False,
        loaded=False,
        asking=False,
        up=False,
        trap=False,
        orphaned=held.policies != "none",
        keys=False,
        old_keys=held.keys or held.old_keys,
        routes="left" if held.routes != "none" else "none",
    )


def _flush(held: Held, _: Actions) -> Iterator[Held]:
    yield replace(held, policies="none", orphaned=False, keys=False, old_keys=False, tampered=True)


def _silence(held: Held, _: Actions) -> Iterator[Held]:
    yield replace(held, silent=True)


def _answer(held: Held, _: Actions) -> Iterator[Held]:
    yield replace(held, silent=False)


def _lower(held: Held, actions: Actions) -> Iterator[Held]:
    yield replace(held, raised=False) if actions.vti else held


def _raise(held: Held, actions: Actions) -> Iterator[Held]:
    yield replace(held, raised=True) if actions.vti else held


_STEPS = {
    Event.BOOT: _boot,
    Event.START: _start,
    Event.LOAD: _load,
    Event.UNLOAD: _unload,
    Event.RELOAD: _reload,
    Event.INITIATE: _initiate,
    Event.PEER_INITIATES: _peer_initiates,
    Event.TRAFFIC: _traffic,
    Event.TERMINATE: _terminate,
    Event.PEER_TERMINATES: _peer_terminates,
    Event.PEER_GONE: _peer_gone,
    Event.EXPIRE: _expire,
    Event.REKEY: _rekey,
    Event.MOVED: _moved,
    Event.STOP: _stop,
    Event.KILL: _kill,
    Event.FLUSH: _flush,
    Event.SILENCE: _silence,
    Event.ANSWER: _answer,
    Event.LOWER: _lower,
    Event.RAISE: _raise,
    Event.ESTABLISHED: _established,
    Event.GIVEN_UP: _given_up,
}
