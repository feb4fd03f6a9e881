"""The entries of one Plan, found by its addresses instead of by comparing every tunnel with every connection.

The same as :func:`sapper.proof.properties.protected.entries_of`, in the same order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from sapper.address import Address, Family, Prefix
from sapper.kernel.ends import Ends, ends_of
from sapper.kernel.plan import Child, Connection, Link, Plan, Route
from sapper.proof.facts.policy_routing import tables_for_all
from sapper.proof.index.prefixes import PrefixIndex
from sapper.proof.properties.protected import Entry, _flows, child_protects
from sapper.proof.states.effective import local_selectors, remote_selectors

_Places = list[tuple[int, int]]
_PLACE_BITS = 32
_PLACES = (1 << _PLACE_BITS) - 1


class Entries:
    """``routes_by_link`` and the rest are filed once; :meth:`of` makes one entry, iteration makes all of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._asked = tables_for_all(plan)
        self.routes_by_link: dict[str, list[int]] = {}
        # The next hops in order, each with the position of its route in the low bits.
        self._vias: dict[Family, list[int]] = {4: [], 6: []}
        for at, route in enumerate(plan.routes):
            self._file_route(at, route)
        for held in self._vias.values():
            held.sort()
        self._by_if_id: dict[int | None, list[int]] = {}
        self._by_remote: dict[Address, list[int]] = {}
        self._by_bound: dict[str | None, list[int]] = {}
        self._ours: dict[Family, PrefixIndex[_Places]] = {4: PrefixIndex(4), 6: PrefixIndex(6)}
        self._theirs: dict[Family, PrefixIndex[_Places]] = {4: PrefixIndex(4), 6: PrefixIndex(6)}
        for number, connection in enumerate(plan.connections):
            self._file_connection(number, connection)

    def _file_route(self, at: int, route: Route) -> None:
        if route.link is not None:
            self.routes_by_link.setdefault(route.link, []).append(at)
        if route.via is not None:
            self._vias[route.via.family].append(route.via.value << _PLACE_BITS | at)

    def replace_route(self, at: int, old: Route, new: Route) -> None:
        """Another route in the place of one; the Plan is changed by who calls."""
        if old.link is not None:
            self.routes_by_link[old.link].remove(at)
        if old.via is not None:
            self._vias[old.via.family].remove(old.via.value << _PLACE_BITS | at)
        self._file_route(at, new)
        if new.link is not None:
            self.routes_by_link[new.link].sort()
        if new.via is not None:
            self._vias[new.via.family].sort()

    def over(self, prefix: Prefix) -> list[int]:
        """The routes whose next hop lies in the prefix, by position."""
        vias = self._vias[prefix.family]
        start = bisect_left(vias, prefix.first << _PLACE_BITS)
        end = bisect_left(vias, prefix.last + 1 << _PLACE_BITS)
        return [via & _PLACES for via in vias[start:end]]

    def replace_connection(self, number: int, old: Connection, new: Connection) -> None:
        """Another connection in the place of one; the Plan is changed by who calls."""
        for if_id in {child.if_id for child in old.children}:
            self._by_if_id[if_id].remove(number)
        for address in set(old.remote_addrs):
            self._by_remote[address].remove(number)
        self._by_bound[old.binds].remove(number)
        for side, at, prefix in self._sides(old):
            index = side[prefix.family]
            places = index.get(prefix) or []
            places.remove((number, at))
            index.touch()
            if not places:
                index.drop(prefix)
        self._file_connection(number, new)
        for numbers in (*map(self._by_if_id.get, {child.if_id for child in new.children}),
                        *map(self._by_remote.get, new.remote_addrs)):  # fmt: skip
            if numbers is not None:
                numbers.sort()

    def _sides(self, connection: Connection) -> Iterator[tuple[dict[Family, PrefixIndex[_Places]], int, Prefix]]:
        for at, child in enumerate(connection.children):
            if child.mode == "pass" or child.if_id is not None:
                continue
            for selector in local_selectors(connection, child):
                yield self._ours, at, selector.prefix
            for selector in remote_selectors(connection, child):
                yield self._theirs, at, selector.prefix

    def _file_connection(self, number: int, connection: Connection) -> None:
        for if_id in dict.fromkeys(child.if_id for child in connection.children):
            self._by_if_id.setdefault(if_id, []).append(number)
        for address in dict.fromkeys(connection.remote_addrs):
            self._by_remote.setdefault(address, []).append(number)
        self._by_bound.setdefault(connection.binds, []).append(number)
        for side, at, prefix in self._sides(connection):
            index = side[prefix.family]
            places = index.get(prefix)
            if places is None:
                index.put(prefix, [(number, at)])
            else:
                places.append((number, at))

    def __iter__(self) -> Iterator[Entry]:
        return (entry for entry, _ in self.described())

    def described(self) -> Iterator[tuple[Entry, str | None]]:
        """Every entry, and the name of the child that it is; None for a link's."""
        serving: set[str] = set()
        for link in self.plan.links:
            entry = self.of(link)
            if entry is not None:
                serving |= self.served_by(entry)
                yield entry, None
        for connection in self.plan.connections:
            yield from plain_entries(self.plan, connection, serving)

    def served_by(self, entry: Entry) -> set[str]:
        """The children that protect the entry's link: they are no entries of their own."""
        if entry.link is None:
            return set()
        return {child.name for _, child in self._protecting(entry.connections, entry.link)}

    def of(self, link: Link) -> Entry | None:
        """The entry of that link; None for a link that is none."""
        ends = ends_of(link)
        if ends is None and link.kind != "xfrm":
            return None
        bound = ends is None or link.kind == "xfrm"
        numbers = self._by_if_id.get(link.if_id, []) if ends is None or bound else self._owners(ends, link)
        owners = tuple(self.plan.connections[number] for number in numbers)
        children = [child for _, child in self._protecting(owners, link)]
        return Entry(
            name=link.name,
            link=link,
            connections=owners,
            networks=tuple(dict.fromkeys((*self._networks(link), *self.plan.stated.protect))),
            flows=tuple(_flows(owners, children)) if link.encapsulating else (),
            demanded=link.name in self.plan.stated.tunnels,
        )

    def _protecting(self, owners: tuple[Connection, ...], link: Link) -> Iterator[tuple[Connection, Child]]:
        for connection in owners:
            for child in connection.children:
                if child_protects(connection, child, link):
                    yield connection, child

    def _owners(self, ends: Ends, link: Link) -> list[int]:
        """The connections that protect a tunnel with these ends, in order; see ``owners_of`` of the reference."""
        peers = {number for far in ends.remotes for number in self._by_remote.get(far, ())}
        peers.update(self._by_bound.get(link.name, ()))
        far_side = set(self._holding(self._theirs, ends.remotes))
        both = {number for number, at in far_side if child_protects(*self._child(number, at), link)}
        if peers or both:
            return sorted(peers | both)
        if ends.local is None:
            return []
        return sorted({number for number, _ in self._holding(self._ours, (ends.local,))})

    def _child(self, number: int, at: int) -> tuple[Connection, Child]:
        connection = self.plan.connections[number]
        return connection, connection.children[at]

    @staticmethod
    def _holding(side: dict[Family, PrefixIndex[_Places]], addresses: Iterable[Address]) -> _Places:
        return [
            place
            for address in addresses
            for places in side[address.family].holding(address.value)
            for place in places
        ]

    def networks(self, link: Link) -> tuple[Prefix, ...]:
        """What is connected or routed to the link, without what the user states of the whole router."""
        return tuple(self._networks(link))

    def _networks(self, link: Link) -> Iterator[Prefix]:
        connected = [attached.prefix for attached in link.addresses]
        numbers = set(self.routes_by_link.get(link.name, ()))
        for prefix in connected:
            numbers.update(self.over(prefix))
        routed = [
            self.plan.routes[at].prefix
            for at in sorted(numbers)
            if self.plan.routes[at].table in self._asked and self.plan.routes[at].kind == "unicast"
        ]
        yield from dict.fromkeys(prefix for prefix in (*connected, *routed) if prefix.length != 0)


def plain_entries(plan: Plan, connection: Connection, serving: set[str]) -> Iterator[tuple[Entry, str]]:
    """The plain policy-based children of a connection, each with its child's name."""
    for child in connection.children:
        if child.name in serving or child.mode == "pass" or child.if_id is not None:
            continue
        flows = tuple(_flows((connection,), [child]))
        entry = Entry(
            name=child.title, link=None, connections=(connection,), networks=plan.stated.protect, flows=flows
        )
        yield entry, child.name
