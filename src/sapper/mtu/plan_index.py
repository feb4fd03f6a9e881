"""The Plan, arranged for what every tunnel asks: who has an address, which way, which child, which clamp.

Each is a look-up by key, so that a Plan of ten thousand tunnels costs ten thousand times what one costs. The answers
are those of walking the Plan in its order: of several the first link and the first child, the longest prefix and the
least metric.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import merge
from typing import NamedTuple

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import MAIN_TABLE, Child, Connection, Link, Plan, Selector
from sapper.mtu.prefix_table import PrefixTable

NOT_ON_THE_WIRE = frozenset({"dummy", "loopback", "vrf"})
_LARGEST_MSS = 65535


class Offered(NamedTuple):
    """A child with its connection; ``order`` counts the Plan's children."""

    order: int
    connection: Connection
    child: Child


class Way(NamedTuple):
    """Of two for the same prefix the greater one is taken: the least metric, then the last name."""

    preference: int
    link: str


class PlanIndex:
    """Made once for a Plan. ``links`` is by name, ``members`` by master.

    ``only_wire`` is what an underlay can only be: the interface that gets its address from outside, or the only one
    that has one and is no tunnel.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.links = {link.name: link for link in reversed(plan.links)}
        self.members: dict[str, list[Link]] = defaultdict(list)
        self._owners: dict[Address, Link] = {}
        self._connected: PrefixTable[int] = PrefixTable()
        self._index_links()
        self._ways: PrefixTable[Way] = PrefixTable()
        self._index_ways()
        self.only_wire = _only_wire(plan)
        self._children = _Children(plan)
        self._clamps: dict[tuple[str, int], int] = {}
        for clamp in plan.mss_clamps:
            if clamp.out_link is not None:
                at = (clamp.out_link, clamp.family)
                self._clamps[at] = min(self._clamps.get(at, _LARGEST_MSS), clamp.bytes or 0)

    def owner(self, address: Address) -> Link | None:
        """The first link that carries the address."""
        return self._owners.get(address)

    def on_link(self, address: Address) -> Link | None:
        """The first link with a connected prefix that holds the address."""
        first = min(self._connected.around(address), default=None)
        return self.plan.links[first] if first is not None else None

    def way(self, address: Address) -> str | None:
        """The link by which the main table sends packets for the address."""
        way = next(self._ways.around(address), None)
        return way.link if way is not None else None

    def default_way(self, family: Family | None) -> str | None:
        """The link of that family's default route, or of any family's."""
        families: tuple[Family, ...] = (4, 6) if family is None else (family,)
        ways = [way for each in families if (way := self._ways.get(Prefix.everything(each))) is not None]
        return max(ways).link if ways else None

    def bound_to(self, if_id: int) -> Offered | None:
        """The first child that is bound to that XFRM interface."""
        return self._children.bound.get(if_id)

    def offered(self, local: Address | None, remote: Address | None) -> Iterable[Offered]:
        """The children whose policies may meet packets between these ends, in order; the protocol is not looked at."""
        return self._children.between(local, remote)

    def is_clamped(self, link: str, family: int, mss: int) -> bool:
        """True if SYNs of the family that leave by the link get at most that MSS, or their route's."""
        least = self._clamps.get((link, family))
        return least is not None and least <= mss

    def _index_links(self) -> None:
        for order, link in enumerate(self.plan.links):
            if link.master is not None:
                self.members[link.master].append(link)
            for attached in link.addresses:
                self._owners.setdefault(attached.address, link)
                if self._connected.get(attached.prefix) is None:
                    self._connected.put(attached.prefix, order)

    def _index_ways(self) -> None:
        for prefix, way in self._each_way():
            known = self._ways.get(prefix)
            if known is None or way > known:
                self._ways.put(prefix, way)

    def _each_way(self) -> Iterator[tuple[Prefix, Way]]:
        """Connected prefixes and unicast routes of the main table, where their link is known."""
        for link in self.plan.links:
            if link.kind not in NOT_ON_THE_WIRE:
                for attached in link.addresses:
                    yield attached.prefix, Way(0, link.name)
        for route in self.plan.routes:
            if route.kind == "unicast" and route.table == MAIN_TABLE:
                hop = self.on_link(route.via) if route.link is None and route.via is not None else None
                name = route.link or (hop.name if hop is not None else None)
                if name:
                    yield route.prefix, Way(-route.metric, name)


def _only_wire(plan: Plan) -> Link | None:
    wires = [link for link in plan.links if link.kind in ("ethernet", "vlan", "pppoe")]
    dynamic = [link for link in wires if link.dynamic]
    if len(dynamic) == 1:
        return dynamic[0]
    addressed = [link for link in wires if link.addresses]
    return addressed[0] if len(addressed) == 1 else None


class _Children:
    """The children that have proposals: by the XFRM interface, and by the addresses of either side."""

    def __init__(self, plan: Plan) -> None:
        self.bound: dict[int, Offered] = {}
        self._local, self._remote = _Side(), _Side()
        order = 0
        for connection in plan.connections:
            for child in connection.children:
                order += 1
                if not child.esp_proposals:
                    continue
                offered = Offered(order, connection, child)
                if child.if_id is not None:
                    self.bound.setdefault(child.if_id, offered)
                else:
                    self._local.put(child.local_ts, connection.local_addrs, offered)
                    self._remote.put(child.remote_ts, connection.remote_addrs, offered)

    def between(self, local: Address | None, remote: Address | None) -> Iterable[Offered]:
        """From the side that leaves fewer of them."""
        sides = self._local.around(local), self._remote.around(remote)
        return merge(*min(sides, key=lambda lists: sum(map(len, lists))))


class _Side:
    """Children under the prefixes of their selectors; without any, under the IKE SA's own addresses."""

    def __init__(self) -> None:
        self._all: list[Offered] = []
        self._anywhere: list[Offered] = []
        self._table: PrefixTable[list[Offered]] = PrefixTable()

    def put(self, selectors: tuple[Selector, ...], own: tuple[Address, ...], offered: Offered) -> None:
        self._all.append(offered)
        prefixes = [selector.prefix for selector in selectors] or [Prefix.host(address) for address in own]
        if not prefixes:
            self._anywhere.append(offered)
        for prefix in dict.fromkeys(prefixes):
            there = self._table.get(prefix)
            if there is None:
                self._table.put(prefix, [offered])
            else:
                there.append(offered)

    def around(self, address: Address | None) -> list[list[Offered]]:
        return [self._all] if address is None else [self._anywhere, *self._table.around(address)]
