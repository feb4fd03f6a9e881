"""Which connections of the routers lead to each other, and what is missing where they cannot be run together.

An unusable pair is the user's input: one line that names the file and the place. The routers get names that can
serve as namespaces and directories, whatever their files are called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

import msgspec

from sapper.config.tree import Source
from sapper.kernel.compile import compile_router
from sapper.kernel.complete import complete
from sapper.kernel.plan import Connection, Link, Plan
from sapper.lab.gathering import Peers, peers_of, with_boxes
from sapper.lab.pcap import safe_name
from sapper.lab.side import Side
from sapper.lab.topology.sketch import NatBox, Sketch
from sapper.lab.topology.underlay import underlay_of
from sapper.lab.topology.value import NAT, NET
from sapper.model.ipsec import Peer
from sapper.model.origin import Origin
from sapper.model.router import Router

_KEYED = frozenset({"gre", "gretap", "ip6gre", "ip6gretap", "erspan", "ip6erspan"})


class UnusablePair(Exception):
    """The two configurations do not make a working pair; the message is one line with a place."""


class End(msgspec.Struct, frozen=True):
    """One router as it was read: its text, for places, and what it says."""

    source: Source
    router: Router

    def place(self, origin: Origin | None) -> str:
        """``file:line:column`` of an origin; the start of the file for what is nowhere in it."""
        place = self.source.place(origin.start if origin else 0)
        return f"{self.source.path}:{place.line}:{place.column}"

    def peer(self, connection: Connection) -> Peer:
        """The peer that a connection was made of."""
        return next(peer for peer in self.router.peers if peer.name == connection.title)


class Pair(NamedTuple):
    """The two sides with the connections between them; ``hidden`` names the one behind a NAT box."""

    first: Side
    second: Side
    hidden: str | None


Drawing = Callable[[Sequence[Plan]], Sketch]


class Gathering(NamedTuple):
    """All sides, with whom they talk to, and the sketch with the NAT boxes that were asked for or found."""

    sides: tuple[Side, ...]
    sketch: Sketch
    peers: Peers


def pair(first: End, second: End, behind_nat: str | None) -> Pair:
    """The pair that two routers make; ``behind_nat`` is what the user calls the hidden one. Raises UnusablePair."""
    found = gather((first, second), behind_nat=behind_nat)
    hidden = [side.name for side in found.sides if side.name in found.sketch.hidden()]
    return Pair(found.sides[0], found.sides[1], hidden[0] if hidden else None)


def gather(ends: Sequence[End], sketch: Drawing | None = None, behind_nat: str | None = None) -> Gathering:
    """Everybody's side. Raises UnusablePair where somebody has no peer among the others or cannot be driven.

    ``sketch`` is asked with the Plans, because it names their routers and interfaces.
    """
    names = lab_names([end.router.name for end in ends])
    plans = [
        complete(compile_router(msgspec.structs.replace(end.router, name=name)))
        for end, name in zip(ends, names, strict=True)
    ]
    wanted = sketch(plans) if sketch is not None else Sketch()
    if behind_nat is not None:
        box = NatBox(router=_hidden(ends, names, behind_nat))
        wanted = msgspec.structs.replace(wanted, nats=(*wanted.nats, box))
    for end, plan in zip(ends, plans, strict=True):
        _check_end(end, plan)
    wanted = with_boxes(plans, wanted)
    peers = peers_of(plans, wanted)
    sides = tuple(_side(at, ends, plans, peers, wanted.hidden()) for at in range(len(ends)))
    for one, other in combinations(range(len(ends)), 2):
        _check_keys((ends[one], ends[other]), (sides[one], sides[other]))
    return Gathering(sides, wanted, peers)


def lab_names(wanted: Sequence[str]) -> tuple[str, ...]:
    """Names for the routers' namespaces and directories: plain, short, distinct, and none of the lab's own nodes."""
    taken = [NET, NAT]
    for plain in map(safe_name, wanted):
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}-{number}", number + 1
        taken.append(name)
    return tuple(taken[2:])


def _hidden(ends: Sequence[End], names: Sequence[str], behind_nat: str) -> str:
    for end, name in zip(ends, names, strict=True):
        if behind_nat in (end.router.name, name):
            return name
    raise UnusablePair(f"--nat {behind_nat}: no such router; the routers are {_listed(names)}")


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _check_end(end: End, plan: Plan) -> None:
    """What no lab can run: no peer at all, no way out, two tunnels that the kernel cannot tell apart."""
    if not plan.connections:
        if end.router.peers:
            raise UnusablePair(f"{end.place(end.router.peers[0].origin)}: every site-to-site peer is disabled")
        raise UnusablePair(f"{end.place(None)}: there is no site-to-site peer, so there is nothing to run")
    origins = {tunnel.name: tunnel.origin for tunnel in end.router.tunnels}
    seen: dict[tuple[object, ...], str] = {}
    for link in plan.links:
        if link.encapsulating is not None:
            other = seen.setdefault(_marks(link), link.name)
            if other != link.name:
                place = end.place(origins.get(link.name))
                raise UnusablePair(f"{place}: {link.name} has the same ends as {other}; {_telling_apart(link)}")
    try:
        underlay_of(plan)
    except ValueError as error:
        raise UnusablePair(f"{end.place(None)}: {error}") from error


def _marks(link: Link) -> tuple[object, ...]:
    """What the kernel finds a tunnel by (ip_tunnel_find, ip6_tnl_locate); two of a kind must differ in it."""
    wrapping = link.encapsulating
    assert wrapping is not None
    return link.kind, wrapping.local, wrapping.remote, wrapping.link, wrapping.key


def _telling_apart(link: Link) -> str:
    if link.kind not in _KEYED or link.encapsulating is None:
        return "one of them needs another address"
    return "one of them needs a key" if link.encapsulating.key is None else "one of them needs a different key"


def _side(at: int, ends: Sequence[End], plans: Sequence[Plan], peers: Peers, hidden: frozenset[str]) -> Side:
    """The router with its connections to others that call back. Raises UnusablePair where none can work."""
    end, plan = ends[at], plans[at]
    mine = peers[plan.name]
    leading = tuple(item for item in plan.connections if item.name in mine)
    if not leading:
        raise UnusablePair(_no_peer(at, ends, plans, hidden))
    for connection in leading:
        far = mine[connection.name]
        if plan.name not in peers[far].values():
            raise UnusablePair(_no_way_back(connection, at, far, ends, plans, hidden))
        _check_peer(end, connection)
    return Side(name=plan.name, plan=plan, connections=leading, peers=dict(mine))


def _check_keys(ends: tuple[End, End], sides: tuple[Side, Side]) -> None:
    """One key where both have one: with two different keys no SA would ever come up."""
    leading = [one.towards(other.name) for one, other in (sides, sides[::-1])]
    keys = [{item.secret for item in connections if item.secret is not None} for connections in leading]
    if all(keys) and not keys[0] & keys[1]:
        place = ends[1].place(ends[1].peer(leading[1][0]).origin)
        raise UnusablePair(f"{place}: the pre-shared key is not the one in {ends[0].source.path}")


def _check_peer(end: End, connection: Connection) -> None:
    peer = end.peer(connection)
    place = end.place(peer.origin)
    if peer.authentication.mode != "pre-shared-secret":
        raise UnusablePair(
            f"{place}: peer {peer.name}: the lab authenticates with pre-shared keys only, "
            f"not with {peer.authentication.mode}"
        )
    if not connection.children:
        missing = "no tunnel that is enabled" if peer.tunnels else "neither a tunnel nor a vti"
        raise UnusablePair(f"{place}: peer {peer.name} has {missing}")
    bind = peer.vti
    if bind is not None and bind.interface not in {vti.name for vti in end.router.vtis}:
        raise UnusablePair(
            f"{end.place(bind.origin)}: peer {peer.name} is bound to {bind.interface}, which is not configured"
        )


def _no_way_back(
    connection: Connection, at: int, far: str, ends: Sequence[End], plans: Sequence[Plan], hidden: frozenset[str]
) -> str:
    if len(ends) == 2:
        return _no_peer(1 - at, ends, plans, hidden)
    peer = ends[at].peer(connection)
    return f"{ends[at].place(peer.origin)}: peer {peer.name} leads to {far}, and no peer of {far} leads back"


def _no_peer(at: int, ends: Sequence[End], plans: Sequence[Plan], hidden: frozenset[str]) -> str:
    end, plan = ends[at], plans[at]
    others = [number for number in range(len(plans)) if number != at]
    peer = end.peer(plan.connections[0])
    named = ", ".join(str(address) for item in plan.connections for address in item.remote_addrs) or "no address"
    place = end.place(peer.origin)
    if len(others) > 1:
        return f"{place}: no peer of {plan.name} is one of the other routers: it names {named}"
    (other,) = others
    # A router behind NAT is reachable by the box's address only.
    missing = (
        f"{plans[other].name} is behind a NAT box and cannot be reached there"
        if plans[other].name in hidden
        else f"no interface of {ends[other].source.path} has that address"
    )
    return f"{place}: no peer of {plan.name} is {plans[other].name}: it names {named}, and {missing}"
