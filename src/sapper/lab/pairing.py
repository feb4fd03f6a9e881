"""Which connections of two routers lead to each other, and what is missing where they cannot be a pair.

An unusable pair is the user's input: one line that names the file and the place.
"""

from __future__ import annotations

import msgspec

from sapper.address import Address
from sapper.config.tree import Source
from sapper.kernel.compile import compile_router
from sapper.kernel.complete import complete
from sapper.kernel.plan import Connection, Plan
from sapper.lab.rig import Side
from sapper.model.router import Origin, Router


class UnusablePair(Exception):
    """The two configurations do not make a working pair; the message is one line with a place."""


class End(msgspec.Struct, frozen=True):
    """One router as it was read: its text, for places, and what it says."""

    source: Source
    router: Router

    def place(self, origin: Origin | None) -> str:
        """``file:line:column`` of an origin, the file alone without one."""
        if origin is None:
            return self.source.path
        place = self.source.place(origin.start)
        return f"{self.source.path}:{place.line}:{place.column}"


def pair(first: End, second: End, behind_nat: str | None) -> tuple[Side, Side]:
    """The two sides with the connections between them. Raises UnusablePair."""
    ends = (first, _renamed(second, first.router.name))
    if behind_nat is not None and behind_nat not in {end.router.name for end in ends}:
        names = " and ".join(end.router.name for end in ends)
        raise UnusablePair(f"--nat {behind_nat}: no such router; the routers are {names}")
    plans = [complete(compile_router(end.router)) for end in ends]
    for end, plan in zip(ends, plans, strict=True):
        _check_end(end, plan)
    sides = []
    for at, (end, plan) in enumerate(zip(ends, plans, strict=True)):
        other = plans[1 - at]
        leading = tuple(item for item in plan.connections if _leads_to(item, plan, other, behind_nat))
        if not leading:
            raise UnusablePair(_no_peer(end, ends[1 - at], plan))
        sides.append(Side(name=plan.name, plan=plan, connections=leading))
    return sides[0], sides[1]


def _renamed(end: End, taken: str) -> End:
    if end.router.name != taken:
        return end
    return End(end.source, msgspec.structs.replace(end.router, name=f"{taken}-2"))


def _check_end(end: End, plan: Plan) -> None:
    """What no lab can run: no peer at all, two tunnels that the kernel cannot tell apart."""
    if not plan.connections:
        raise UnusablePair(f"{end.place(None)}: there is no site-to-site peer, so there is nothing to run")
    for peer in end.router.peers:
        if not peer.disabled and not peer.tunnels and peer.vti is None:
            raise UnusablePair(f"{end.place(peer.origin)}: peer {peer.name} has neither a tunnel nor a vti")
        if peer.authentication.mode != "pre-shared-secret":
            raise UnusablePair(
                f"{end.place(peer.origin)}: peer {peer.name}: the lab authenticates with pre-shared keys only, "
                f"not with {peer.authentication.mode}"
            )
    seen: dict[tuple[object, ...], str] = {}
    for tunnel in end.router.tunnels:
        ends = (tunnel.encapsulation, tunnel.local, tunnel.remote, tunnel.key)
        if ends in seen:
            missing = "a key" if tunnel.key is None else "a different key"
            raise UnusablePair(
                f"{end.place(tunnel.origin)}: {tunnel.name} has the same ends as {seen[ends]}; one of them needs {missing}"
            )
        seen[ends] = tunnel.name


def _leads_to(connection: Connection, plan: Plan, other: Plan, behind_nat: str | None) -> bool:
    """Whether the connection's peer can be that router: by its address, or because the address is any or NAT's."""
    theirs = {attached.address for link in other.links for attached in link.addresses}
    if not connection.remote_addrs:
        return True
    if any(address in theirs for address in connection.remote_addrs):
        return True
    return other.name == behind_nat and not _known_elsewhere(connection.remote_addrs, plan)


def _known_elsewhere(addresses: tuple[Address, ...], plan: Plan) -> bool:
    own = {attached.address for link in plan.links for attached in link.addresses}
    return any(address in own for address in addresses)


def _no_peer(end: End, other: End, plan: Plan) -> str:
    peer = end.router.peers[0]
    wanted = ", ".join(str(address) for item in plan.connections for address in item.remote_addrs) or "any"
    return (
        f"{end.place(peer.origin)}: no peer of {end.router.name} is {other.router.name}: it names {wanted}, "
        f"and no interface of {other.source.path} has that address"
    )
