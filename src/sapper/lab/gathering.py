"""Who of several routers is whose peer: from the addresses and identities that their configurations name.

A connection leads to the router that has its remote address, or that is behind the NAT box with that address. One
that names no address leads to the router that calls back. An address that nobody has is taken for that of a NAT box
in front of the only router that it can be: one whose own outer address is private (RFC 1918, RFC 6598) and that calls
the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from sapper.address import Address, Prefix
from sapper.kernel.plan import Connection, Plan
from sapper.lab.topology.sketch import NatBox, Sketch
from sapper.lab.topology.underlay import addresses_of, underlay_of

_PRIVATE = tuple(Prefix.parse(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
_ANY = (None, "any", "%any")

Peers = dict[str, dict[str, str]]


def with_boxes(plans: Sequence[Plan], sketch: Sketch) -> Sketch:
    """The sketch with a NAT box in front of every router that must be behind one, if it names none at all."""
    if sketch.nats:
        return sketch
    boxes = [NatBox(router=plan.name) for plan in plans if _is_hidden(plan, plans)]
    return msgspec.structs.replace(sketch, nats=tuple(boxes))


def _is_hidden(plan: Plan, plans: Sequence[Plan]) -> bool:
    """Behind NAT: only a private address outside, and a peer outside that knows it by another one or by none."""
    own = _outer(plan)
    if not own or not all(_private(address) for address in own):
        return False
    for other in plans:
        if other is plan:
            continue
        reachable = [address for address in _outer(other) if not _private(address)]
        calls = any(set(item.remote_addrs) & set(reachable) for item in plan.connections)
        if calls and not any(set(item.remote_addrs) & addresses_of(plan) for item in other.connections):
            return True
        if _calls_a_box(plan, other, plans) and _calls_a_box(other, plan, plans):
            return True
    return False


def _calls_a_box(plan: Plan, other: Plan, plans: Sequence[Plan]) -> bool:
    """Whether a connection that may lead to the other router names an address that no router has, or none."""
    everybody = frozenset().union(*(addresses_of(item) for item in plans))
    return any(
        _fits(item, theirs) and not set(item.remote_addrs) & everybody
        for item in plan.connections
        for theirs in other.connections
        if item.remote_addrs or theirs.remote_addrs
    )


def _outer(plan: Plan) -> list[Address]:
    try:
        return [attached.address for attached in underlay_of(plan).addresses if attached.address.family == 4]
    except ValueError:
        return []


def _private(address: Address) -> bool:
    return any(address in prefix for prefix in _PRIVATE)


def peers_of(plans: Sequence[Plan], sketch: Sketch) -> Peers:
    """For every router, the router that each of its connections leads to; those that lead nowhere are not there."""
    found: Peers = {plan.name: {} for plan in plans}
    for plan in plans:
        for connection in plan.connections:
            far = _called(connection, plan, plans, sketch)
            if far is not None:
                found[plan.name][connection.name] = far
    for plan in plans:
        for connection in plan.connections:
            if connection.name not in found[plan.name] and not connection.remote_addrs:
                caller = _caller(connection, plan, plans, found)
                if caller is not None:
                    found[plan.name][connection.name] = caller
    return found


def _called(connection: Connection, plan: Plan, plans: Sequence[Plan], sketch: Sketch) -> str | None:
    """The router that a connection names by an address: its own, its NAT box's, or one that must be its box's."""
    remotes = set(connection.remote_addrs)
    others = [other for other in plans if other is not plan]
    for other in others:
        boxes = sketch.boxes(other.name)
        reachable = {box.outside.address for box in boxes if box.outside} if boxes else addresses_of(other)
        if remotes & reachable:
            return other.name
    unknown = remotes - frozenset().union(*(addresses_of(item) for item in plans))
    candidates = [
        other
        for other in others
        if sketch.boxes(other.name)[-1:] and sketch.boxes(other.name)[-1].outside is None and unknown
    ]
    return _best(connection, candidates)


def _best(connection: Connection, candidates: Sequence[Plan]) -> str | None:
    """The candidate whose own connection fits by identity, the closest first."""
    fitting = [
        (_closeness(connection, theirs), other.name)
        for other in candidates
        for theirs in other.connections
        if _fits(connection, theirs)
    ]
    return max(fitting, key=lambda item: item[0])[1] if fitting else None


def _caller(
    connection: Connection, plan: Plan, plans: Sequence[Plan], found: Mapping[str, Mapping[str, str]]
) -> str | None:
    """The router that calls this one with fitting identities, one that no other connection leads to before others."""
    taken = set(found[plan.name].values())
    callers = [
        other
        for other in plans
        if other is not plan and any(found[other.name].get(item.name) == plan.name for item in other.connections)
    ]
    return _best(connection, [other for other in callers if other.name not in taken]) or _best(connection, callers)


def _fits(ours: Connection, theirs: Connection) -> bool:
    """Whether the identities that each side says and expects can meet; what is not said is the address."""
    return _meets(ours.remote_id, theirs.local_id) and _meets(theirs.remote_id, ours.local_id)


def _meets(expected: str | None, said: str | None) -> bool:
    return expected in _ANY or said is None or expected == said


def _closeness(ours: Connection, theirs: Connection) -> int:
    return (ours.remote_id == theirs.local_id) + (theirs.remote_id == ours.local_id)
