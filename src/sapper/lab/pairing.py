"""Which connections of two routers lead to each other, and what is missing where they cannot be a pair.

An unusable pair is the user's input: one line that names the file and the place. The routers get names that can
serve as namespaces and directories, whatever their files are called.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from sapper.address import Address
from sapper.config.tree import Source
from sapper.kernel.compile import compile_router
from sapper.kernel.complete import complete
from sapper.kernel.plan import Connection, Link, Plan
from sapper.lab.pcap import safe_name
from sapper.lab.rig import Side
from sapper.lab.topology import NAT, NET, underlay_of
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


def pair(first: End, second: End, behind_nat: str | None) -> Pair:
    """The pair that two routers make; ``behind_nat`` is what the user calls the hidden one. Raises UnusablePair."""
    ends = (first, second)
    names = _lab_names(first.router.name, second.router.name)
    hidden = None if behind_nat is None else _hidden(ends, names, behind_nat)
    plans = [
        complete(compile_router(msgspec.structs.replace(end.router, name=name)))
        for end, name in zip(ends, names, strict=True)
    ]
    for end, plan in zip(ends, plans, strict=True):
        _check_end(end, plan)
    sides = (
        _side(first, plans[0], second, plans[1], hidden == names[1]),
        _side(second, plans[1], first, plans[0], hidden == names[0]),
    )
    _check_keys(ends, sides)
    return Pair(*sides, hidden)


def _lab_names(first: str, second: str) -> tuple[str, str]:
    """Names for the routers' namespaces and directories: plain, short, distinct, and none of the lab's own nodes."""
    taken = [NET, NAT]
    for wanted in (safe_name(first), safe_name(second)):
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}-{number}", number + 1
        taken.append(name)
    return taken[-2], taken[-1]


def _hidden(ends: tuple[End, End], names: tuple[str, str], behind_nat: str) -> str:
    for end, name in zip(ends, names, strict=True):
        if behind_nat in (end.router.name, name):
            return name
    raise UnusablePair(f"--nat {behind_nat}: no such router; the routers are {names[0]} and {names[1]}")


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


def _side(end: End, plan: Plan, other_end: End, other: Plan, other_is_hidden: bool) -> Side:
    """The router with its connections to the other one. Raises UnusablePair where there is none that can work."""
    theirs = _addresses(other)
    leading = tuple(item for item in plan.connections if _leads_to(item, plan, theirs, other_is_hidden))
    if not leading:
        raise UnusablePair(_no_peer(end, plan, other_end, other, other_is_hidden))
    for connection in leading:
        _check_peer(end, connection)
    return Side(name=plan.name, plan=plan, connections=leading)


def _check_keys(ends: tuple[End, End], sides: tuple[Side, Side]) -> None:
    """One key where both have one: with two different keys no SA would ever come up."""
    keys = [{item.secret for item in side.connections if item.secret is not None} for side in sides]
    if all(keys) and not keys[0] & keys[1]:
        place = ends[1].place(ends[1].peer(sides[1].connections[0]).origin)
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


def _leads_to(connection: Connection, plan: Plan, theirs: frozenset[Address], hidden: bool) -> bool:
    """Whether the connection's peer can be a router with these addresses, or that router behind a NAT box."""
    if not connection.remote_addrs:
        return True
    if hidden:
        return bool(set(connection.remote_addrs) - theirs - _addresses(plan))
    return bool(set(connection.remote_addrs) & theirs)


def _addresses(plan: Plan) -> frozenset[Address]:
    return frozenset(attached.address for link in plan.links for attached in link.addresses)


def _no_peer(end: End, plan: Plan, other_end: End, other: Plan, other_is_hidden: bool) -> str:
    peer = end.peer(plan.connections[0])
    named = ", ".join(str(address) for item in plan.connections for address in item.remote_addrs)
    missing = (
        f"{other.name} is behind a NAT box and cannot be reached there"
        if other_is_hidden
        else f"no interface of {other_end.source.path} has that address"
    )
    place = end.place(peer.origin)
    return f"{place}: no peer of {plan.name} is {other.name}: it names {named}, and {missing}"
