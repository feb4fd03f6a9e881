"""The links of one Plan as the walk asks about them: when each is up, which addresses are this router's own.

Mirrors ``_up_links`` and ``local`` of :mod:`sapper.proof.states.effective` as facts about situations.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from sapper.address import Address, Attached, Family
from sapper.kernel.plan import Link, Plan
from sapper.proof.facts.entrance import keeps_addresses
from sapper.proof.facts.over_udp import UDP_KINDS, unwalked_devices
from sapper.proof.index.circumstance import (
    ALWAYS,
    FOCUS,
    MOVE,
    NEVER,
    Fact,
    Product,
    Variable,
    both,
    either,
    mask_of,
)
from sapper.proof.states.effective import _WITHOUT_ARP, _never_up
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Move, moves_of

MAY_BE_RAISED = mask_of(row for row in TABLE if True in row.vti.value)
MAY_BE_LOWERED = mask_of(row for row in TABLE if False in row.vti.value)
LOWERED_BIT, RAISED_BIT = 1, 2


class Links:
    """``moves`` are the network's moves; bit N of the move variable is ``moves[N]``."""

    def __init__(self, plan: Plan) -> None:
        self.by_name = {link.name: link for link in plan.links}
        self.order = {link.name: at for at, link in enumerate(plan.links)}
        self.moves: tuple[Move, ...] = tuple(moves_of(plan))
        self.all_moves = (1 << len(self.moves)) - 1
        self.owner = {child.name: item.name for item in plan.connections for child in item.children}
        self._down = {move.link: 1 << at for at, move in enumerate(self.moves) if move.kind == "wan-down"}
        self._up: dict[str, Fact] = {}
        self._calm: dict[str, Fact] = {}
        self._local: dict[Address, Fact] = {}
        self._carriers: dict[Address, list[str]] = {}
        self._own: dict[Family, list[int]] = {4: [], 6: []}
        self.first_with_address: dict[Family, list[str]] = {4: [], 6: []}
        self.unwalked = unwalked_devices(plan)
        self._keeping = frozenset(link.name for link in plan.links if keeps_addresses(plan, link.name))
        self._unwalked_port: dict[str, str] = {}
        self._by_if_id: dict[int, list[str]] = {}
        for link in plan.links:
            self._file(link)
        for values in self._own.values():
            values.sort()

    def _file(self, link: Link) -> None:
        if link.master is not None and link.kind in UDP_KINDS:
            self._unwalked_port.setdefault(link.master, link.name)
        if link.if_id is not None:
            self._by_if_id.setdefault(link.if_id, []).append(link.name)
        families = set()
        for attached in link.addresses:
            address = attached.address
            families.add(address.family)
            if address not in self._carriers:
                self._own[address.family].append(address.value)
            self._carriers.setdefault(address, []).append(link.name)
        for family in families:
            self.first_with_address[family].append(link.name)

    def replace(self, old: Link, new: Link) -> None:
        """Another link of the same name and kind, up when the old one was, with other addresses perhaps."""
        self.by_name[new.name] = new
        self._local.clear()
        for attached in old.addresses:
            address = attached.address
            names = self._carriers[address]
            names.remove(old.name)
            if not names:
                del self._carriers[address]
                self._own[address.family].remove(address.value)
        for attached in new.addresses:
            if attached.address not in self._carriers:
                insort(self._own[attached.address.family], attached.address.value)
            self._carriers.setdefault(attached.address, []).append(new.name)

    def move_bits(self, kind: str, link: str | None = None) -> int:
        """The move of that kind as a bit; 0 where there is none."""
        return sum(1 << at for at, move in enumerate(self.moves) if (move.kind, move.link) == (kind, link))

    def unless_moved(self, bits: int) -> Fact:
        """None of these moves happens."""
        if not bits:
            return ALWAYS
        return Fact((((MOVE, self.all_moves & ~bits),),), (((MOVE, bits),),))

    def undisturbed(self, name: str) -> Fact:
        """When the link is up while the network is undisturbed."""
        return self._fact(name, self._calm, {})

    def up(self, name: str | None) -> Fact:
        """When the link is up; never for one that the Plan does not have."""
        return NEVER if name is None else self._fact(name, self._up, self._down)

    def _fact(self, name: str, known: dict[str, Fact], down: dict[str | None, int]) -> Fact:
        fact = known.get(name)
        if fact is None:
            link = self.by_name.get(name)
            known[name] = NEVER  # while VLANs that stand on each other in a ring are followed
            fact = NEVER if link is None else self._raised(link)
            if name in down:
                fact = both(fact, self.unless_moved(down[name]))
            if link is not None and link.kind == "vlan" and link.parent in self.by_name:
                fact = both(fact, self._fact(link.parent, known, down))
            known[name] = fact
        return fact

    def _raised(self, link: Link) -> Fact:
        if not link.raised_by:
            return ALWAYS if link.up else NEVER
        row: Variable = ("row", self.owner.get(link.raised_by, FOCUS))
        state: Variable = ("raised", link.name)
        holds: Product = ((state, RAISED_BIT), (row, MAY_BE_RAISED))
        fails: Product = ((state, LOWERED_BIT), (row, MAY_BE_LOWERED))
        return Fact((holds,), (fails,))

    def own_within(self, family: Family, low: int, high: int) -> list[int]:
        """The numbers of this router's addresses in that interval, in order."""
        values = self._own[family]
        return values[bisect_left(values, low) : bisect_right(values, high)]

    def local(self, address: Address) -> Fact:
        """When the kernel takes a packet for that address in."""
        carriers = self._carriers.get(address)
        if not carriers:
            return NEVER
        if address.family == 4:
            return ALWAYS
        known = self._local.get(address)
        if known is None:
            known = self._local[address] = self._in_force(carriers)
        return known

    def _in_force(self, carriers: list[str]) -> Fact:
        """When one of the links has its IPv6 address."""
        fact = NEVER
        for name in carriers:
            link = self.by_name[name]
            at_once = link.kind in _WITHOUT_ARP and _never_up(link)
            fact = ALWAYS if at_once else either(fact, self.up(name))
            if fact == ALWAYS:
                break
        return fact

    def may_keep(self, address: Address) -> bool:
        """Whether it may stay on its interface while that is down (keep_addr_on_down)."""
        return address.family == 6 and any(name in self._keeping for name in self._carriers.get(address, ()))

    def with_if_id(self, if_id: int) -> list[str]:
        """The xfrm interfaces with that id."""
        return self._by_if_id.get(if_id, [])

    def carriers(self, address: Address) -> list[str]:
        """The links that have that address."""
        return self._carriers.get(address, [])

    def of_its_end(self, tunnel: Link) -> list[Link]:
        """The links that have the tunnel's own outer address."""
        local = tunnel.encapsulating.local if tunnel.encapsulating is not None else None
        return [self.by_name[name] for name in self.carriers(local)] if local is not None else []

    def first_address(self, name: str, family: Family) -> Address | None:
        link = self.by_name.get(name)
        return (
            next((item.address for item in link.addresses if item.address.family == family), None) if link else None
        )

    def leads_unwalked(self, link: Link) -> str | None:
        """The device whose outer packets the walk does not know and that this link reaches, or None."""
        if link.name in self.unwalked:
            return link.name
        return self._unwalked_port.get(link.name) if link.kind == "bridge" else None

    def attached_within(self, family: Family, low: int, high: int) -> list[tuple[int, Attached, str]]:
        """The router's addresses in that interval, with their links and the links' order."""
        found = []
        for value in self.own_within(family, low, high):
            for name in self._carriers[Address(family, value)]:
                found += [
                    (self.order[name], attached, name)
                    for attached in self.by_name[name].addresses
                    if attached.address.value == value and attached.address.family == family
                ]
        return found
