"""What an attacker sends to a VXLAN or GENEVE device: plain UDP from somebody whom nobody expects, to any of our addresses.

Of all sources and addresses only a few can matter: the remote and the local one; those that no selector and no guard
holds which does not hold everything, since whatever is asked of them is asked of all; and those of bypass policies.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.entrance import entrance_of
from sapper.proof.facts.over_udp import UDP, outer_of
from sapper.proof.facts.packet import Packet
from sapper.proof.states.effective import local_selectors, remote_selectors

_FAMILIES: tuple[Family, ...] = (4, 6)
# Unicast addresses, and likely ones among them (RFC 5737, RFC 3849).
_UNICAST: dict[Family, tuple[int, int]] = {4: (1 << 24, 0xDFFFFFFE), 6: (0x2000 << 112, (0x4000 << 112) - 1)}
_LIKELY: dict[Family, tuple[Address, ...]] = {
    4: tuple(map(Address.parse, ("198.51.100.77", "203.0.113.77", "192.0.2.77", "8.8.8.8"))),
    6: tuple(map(Address.parse, ("2001:db8:5a:1::77", "2600::77"))),
}
_FEW = 16
_SOME_PORT = 40000
NOBODY_FREE = "every address is held by a selector or a guard: who may send to it is not asked"
FILTERED = "the reverse path filter decides whom it takes packets from: that is not asked"


class Exposure:
    """Worked out once for a Plan."""

    def __init__(self, plan: Plan) -> None:
        self._links = {link.name: link for link in plan.links}
        self._filters = {name for name, _ in entrance_of(plan).filters}
        # An address of a VTI is there in some states only, so it is taken where no other one is free.
        steady = sorted(plan.links, key=lambda link: link.raised_by is not None)
        own = dict.fromkeys(item.address for link in steady for item in link.addresses)
        theirs, ours = list(_held(plan, far=True)), list(_held(plan, far=False))
        self._own: dict[Family, list[Address]] = {}
        self._stranger: dict[Family, Address | None] = {}
        for family in _FAMILIES:
            mine = [address for address in own if address.family == family]
            held = [prefix for prefix in (*theirs, *map(Prefix.host, mine)) if prefix.family == family]
            self._stranger[family] = _free(family, held)
            free = [one for one in mine if not any(one in prefix for prefix in ours)]
            self._own[family] = free[:1] or mine
        self._passing = [
            (local.prefix, remote.prefix)
            for connection in plan.connections
            for child in connection.children
            if child.mode == "pass"
            for local in local_selectors(connection, child)
            for remote in remote_selectors(connection, child)
        ]
        self._every_own = list(own)
        ports = {
            selector.port for one in plan.connections for child in one.children for selector in child.remote_ts
        }
        self._port = next(port for port in range(_SOME_PORT, 65536) if port not in ports)

    def unasked(self, link: Link) -> str | None:
        """Why nobody can say who may send to that device."""
        outer = outer_of(link)
        if outer is None:
            return None
        family = outer.remote.family
        if len(self._own[family]) > _FEW or (outer.from_anybody and self._stranger[family] is None):
            return NOBODY_FREE
        return FILTERED if outer.from_anybody and family == 4 and self._filters else None

    def packets(self, link: Link, enters: str) -> Iterator[Packet]:
        """The attacker's packets that come in by that interface."""
        outer = outer_of(link)
        if outer is None or self.unasked(link) is not None:
            return
        family = outer.remote.family
        homes = [item.address for item in self._links[enters].addresses if item.address.family == family][:1]
        local = [outer.local] if outer.local is not None else []
        places = dict.fromkeys((*local, *homes, *self._own[family]))
        stranger = self._stranger[family]
        sources = [outer.remote, *([stranger] if outer.from_anybody and stranger is not None else [])]
        pairs = dict.fromkeys((source, place) for source in sources for place in places)
        pairs |= dict.fromkeys(self._let_in(outer.remote, outer.from_anybody))
        for source, place in pairs:
            yield Packet(
                source=source,
                destination=place,
                protocol=UDP,
                source_port=self._port,
                destination_port=outer.port,
            )

    def _let_in(self, remote: Address, from_anybody: bool) -> Iterator[tuple[Address, Address]]:
        """Pairs that a bypass policy holds."""
        for ours, theirs in self._passing:
            if theirs.family != remote.family or not (from_anybody or remote in theirs):
                continue
            source = _member(theirs) if from_anybody else remote
            if source is None:
                continue
            places = [one for one in self._every_own if one in ours and one != source]
            yield from ((source, place) for place in places[:_FEW] if source not in self._every_own)


def _member(prefix: Prefix) -> Address | None:
    """A unicast address in it; from another one the kernel takes nothing (ip_route_input_slow, ipv6_rcv)."""
    likely = next((one for one in _LIKELY[prefix.family] if one in prefix), None)
    low, high = _UNICAST[prefix.family]
    at = max(low, min(prefix.first + 1, prefix.last))
    return likely or (Address(prefix.family, at) if at <= min(prefix.last, high) else None)


def _held(plan: Plan, *, far: bool) -> Iterator[Prefix]:
    """The prefixes of selectors and guards on one side, but for those that hold everything."""
    for connection in plan.connections:
        for child in connection.children:
            side = remote_selectors(connection, child) if far else local_selectors(connection, child)
            yield from (selector.prefix for selector in side if selector.prefix.length)
    for guard in plan.guards:
        prefix = guard.source if far else guard.destination
        if prefix is not None and prefix.length:
            yield prefix


def _free(family: Family, held: list[Prefix]) -> Address | None:
    """A unicast address that none holds, a likely one if there is one."""
    for likely in _LIKELY[family]:
        if not any(likely in prefix for prefix in held):
            return likely
    at, last = _UNICAST[family]
    for prefix in sorted(held, key=lambda one: one.first):
        if prefix.first > at:
            break
        at = max(at, prefix.last + 1)
    return Address(family, at) if at <= last else None
