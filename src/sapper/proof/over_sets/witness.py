"""A counterexample of a walk of sets, made concrete: one situation, one packet, and the reference walk over both.

The reference gets a kernel that holds what the packet can meet: the routes, policies, addresses and links that lie on
its way; if it does not come to the same end there, the whole kernel. What it does not confirm is no counterexample.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sapper.address import Address, Family
from sapper.kernel.ends import ends_of
from sapper.kernel.plan import Route
from sapper.proof.facts.packet import Packet
from sapper.proof.index.circumstance import ALWAYS, Product, Variable
from sapper.proof.index.links import LOWERED_BIT, RAISED_BIT
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.over_sets.cases import BEHIND, Origins, SetCase
from sapper.proof.over_sets.ending import Ending
from sapper.proof.properties.question import Case, Question
from sapper.proof.sets.headers import WITH_PORTS, span
from sapper.proof.sets.intervals import Interval, Intervals, within
from sapper.proof.states.effective import Kernel, Policy, kernel_in
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Situation
from sapper.proof.walk.walk import End

_LIKELY_PORT = 40000
_LIKELY = (17, 1, 58, 6)
_BITS = {id(row): 1 << at for at, row in enumerate(TABLE)}


def concrete_case(index: PlanIndex, origins: Origins, case: SetCase, ending: Ending) -> Case:
    """One packet of those that come to that end, and where it enters."""
    if case.packet is not None or case.headers is None or ending.entered is None:
        return Case(enters=case.enters, packet=case.packet, device=case.device, network=case.network)
    source, destination, protocols, near, far = ending.entered
    family = case.headers.family
    enters, start = case.enters, None
    if source is not None:
        start = Address(family, _likely(source[0]))
        if case.enters == BEHIND:
            enters, start = _behind(index, origins, family, source)
    protocol = _protocol(protocols)
    packet = Packet(
        source=start,
        destination=Address(family, _likely(destination)),
        protocol=protocol,
        source_port=_port(protocol, near),
        destination_port=_port(protocol, far),
    )
    return Case(enters=enters, packet=packet, device=case.device, network=case.network)


def _behind(index: PlanIndex, origins: Origins, family: Family, sources: Intervals) -> tuple[str, Address]:
    """A host on the first inner interface that has one of the sources."""
    for name, prefix in origins.networks[family]:
        inside = [piece for piece in (within((piece,), *span(prefix)) for piece in sources) if piece]
        if inside:
            return name, _host(index, family, inside[0][0])
    return "a network behind the router", Address(family, _likely(sources[0]))


def _host(index: PlanIndex, family: Family, piece: Interval) -> Address:
    """A likely host: not the network's own address, and not this router's."""
    low, high = piece
    for value in range(low + 1, min(low + 4, high)):
        if not index.links.own_within(family, value, value):
            return Address(family, value)
    return Address(family, low)


def _likely(piece: Interval) -> int:
    low, high = piece
    return low + 1 if high - low >= 2 else low


def _protocol(mask: int) -> int:
    """An everyday protocol if there is one among them, else the lowest."""
    return next((number for number in _LIKELY if mask >> number & 1), (mask & -mask).bit_length() - 1)


def _port(protocol: int, ports: Interval) -> int | None:
    if not WITH_PORTS >> protocol & 1 or ports[0] < 0:
        return None
    return _LIKELY_PORT if ports[0] <= _LIKELY_PORT <= ports[1] else ports[0]


class Slice:
    """The part of one kernel that the packets to some destinations can meet, as the reference walk knows it."""

    def __init__(self, index: PlanIndex, situation: Situation, devices: tuple[str, ...]) -> None:
        self._index = index
        self._situation = situation
        self._move = 1 << index.links.moves.index(situation.move)
        self._if_ids = {None, *(index.links.by_name[name].if_id for name in devices)}
        self._policies: dict[tuple[int, tuple[int, ...]], Policy] = {}
        self._ways: dict[tuple[int, ...], Route] = {}
        self._names: set[str] = {situation.move.link} if situation.move.link else set()
        self._local: set[Address] = set()
        self._rules: set[int] = set()

    def kernel(self, destinations: list[Address], names: list[str]) -> Kernel:
        """What packets to these destinations meet, and to where they are sent encrypted."""
        self._names.update(names)
        seen: set[Address] = set()
        while destinations:
            there = destinations.pop()
            if there not in seen:
                seen.add(there)
                destinations += self._meet(there)
        index = self._index
        order = index.links.order
        links = {
            name: index.links.by_name[name] for name in sorted(self._names & order.keys(), key=order.__getitem__)
        }
        for attached in (item for link in links.values() for item in link.addresses):
            self.note_local(attached.address)  # the kernel chooses a source among them
        tables: dict[int, list[Route]] = {table: [] for table, _ in index.fib.tables}
        for _, route in sorted(self._ways.items()):
            tables[route.table].append(route)
        move = self._situation.move
        return Kernel(
            links=links,
            up=frozenset(name for name in links if self._holds(index.links.up(name).holds)),
            local=frozenset(self._local),
            tables={table: tuple(routes) for table, routes in tables.items()},
            policies=tuple(policy for _, policy in sorted(self._policies.items(), key=_rank)),
            source_nat=tuple(index.plan.source_nat[at] for at in sorted(self._rules)),
            aims=index.destination_nat.aims,
            guards=index.plan.guards,
            rules=index.rules,
            entrance=index.entrance,
            unwalked=index.links.unwalked,
            marks=index.marks.leading,
            hijacked=move.link if move.kind == "more-specific" else None,
        )

    def _meet(self, there: Address) -> Iterator[Address]:
        """File what a packet to that address meets; the ends of tunnel-mode policies on the way."""
        index, family, value = self._index, there.family, there.value
        self.note_local(there)
        if family == 4:
            self._rules.update(index.source_nat.towards(value))
        for (_, kind), held in index.fib.tables.items():
            for way in [way for ways in held.holding(value) for way in ways] if kind == family else ():
                for product, name in way.leads:
                    if self._holds((product,)):
                        self._file(way.order, way.route, name, there)
        for if_id in self._if_ids:
            for policy in index.policies.toward(if_id, there):
                bit = self._bit(policy.row)
                if (policy.present | policy.inbound) & bit:
                    self._policies[policy.rank] = policy.installed(bit)
                    if policy.mode == "tunnel" and policy.remote_end is not None:
                        yield policy.remote_end

    def note_local(self, address: Address) -> None:
        """Remember an address if it is this router's own in the situation."""
        if address not in self._local and self._holds(self._index.links.local(address).holds):
            self._local.add(address)

    def _source_links(self, route: Route, name: str, there: Address) -> Iterator[str]:
        """The links whose address the kernel may give a packet of its own to there."""
        for chosen in self._index.sources.of(route, name, there.family, (there.value, there.value)):
            if chosen.source is not None and self._holds((chosen.product,)):
                yield from self._index.links.carriers(chosen.source)

    def _file(self, order: tuple[int, ...], route: Route, name: str | None, there: Address) -> None:
        if name is not None:
            self._names.add(name)
            if self._index.links.first_address(name, there.family) is None:
                self._names.update(self._source_links(route, name, there))
            if route.link is None:
                route = msgspec.structs.replace(route, link=name)
        self._ways[order] = route

    def _holds(self, products: tuple[Product, ...]) -> bool:
        if products == ALWAYS.holds:
            return True
        return any(all(self._bit(variable) & mask for variable, mask in product) for product in products)

    def _bit(self, variable: Variable) -> int:
        kind, name = variable
        if kind == "move":
            return self._move
        if kind == "raised":
            return RAISED_BIT if name in self._situation.raised else LOWERED_BIT
        return _BITS[id(self._situation.row_of(name))]


def _rank(item: tuple[tuple[int, tuple[int, ...]], Policy]) -> tuple[int, tuple[int, ...]]:
    return item[0]


def confirmed(index: PlanIndex, asked: Question, situation: Situation, case: Case, ending: Ending) -> End | None:
    """The reference's end of that packet; None where it does not come to the end that the walk of sets found."""
    slice_ = Slice(index, situation, ending.devices)
    destinations = [case.packet.destination] if case.packet is not None else []
    if case.packet is not None and case.packet.source is not None:
        slice_.note_local(case.packet.source)
        if case.device is None:
            destinations += [aim.to for aim in index.destination_nat.aims if aim.to is not None]
        else:
            destinations.append(case.packet.source)  # what comes from there meets the policies that lead there
    names = [name for name in (case.enters, ending.link) if name is not None]
    for device in dict.fromkeys((*ending.devices, *([case.device.name] if case.device else ()))):
        names.append(device)
        outer = ends_of(index.links.by_name[device])
        if outer is not None:
            destinations += outer.remotes
            if outer.local is not None:
                slice_.note_local(outer.local)
    return _same_end(slice_.kernel(destinations, names), asked, case, ending) or _same_end(
        kernel_in(index.plan, situation), asked, case, ending
    )


def _same_end(kernel: Kernel, asked: Question, case: Case, ending: Ending) -> End | None:
    wanted = (ending.kind, ending.link, ending.devices)
    for end in asked.ends(kernel, case):
        if (end.kind, end.link, end.devices) == wanted and asked.refutes(kernel, end):
            return end
    return None
