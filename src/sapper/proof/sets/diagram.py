"""Canonical sets of packets: interval decision diagrams with shared nodes.

A node asks one header field and leads on by intervals of its value; equal sets are the same node, so that a comparison is
one of identities, and the number of packets in a set is exact. Fields are asked in one order, the destination first,
since routes divide that most. The walk carries products (:mod:`sapper.proof.sets.headers`), which are quick to cut; a
diagram joins them again: what was covered, what is left, how many packets that is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sapper.address import WIDTH_BITS, Family
from sapper.proof.sets.headers import Box
from sapper.proof.sets.intervals import Intervals

Node = int
EMPTY: Node = 0
FULL: Node = 1
# Ports have a value for "none that anything could match".
_PORTS = 65537
Edges = tuple[tuple[int, Node], ...]


class Diagrams:
    """All sets over fields of these sizes (numbers of values); nodes of one object compare with each other only."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = tuple(sizes)
        self._nodes: list[tuple[int, Edges]] = [(len(self.sizes), ()), (len(self.sizes), ())]
        self._known: dict[tuple[int, Edges], Node] = {}
        self._counts: dict[Node, int] = {}

    @classmethod
    def of_packets(cls, family: Family) -> Diagrams:
        """Destination, source, protocol, source port, destination port."""
        return cls((1 << WIDTH_BITS[family], 1 << WIDTH_BITS[family], 256, _PORTS, _PORTS))

    def product(self, sides: Sequence[Intervals]) -> Node:
        """The set that has one of these values in each field."""
        node = FULL
        for field in range(len(self.sizes) - 1, -1, -1):
            edges: list[tuple[int, Node]] = []
            at = 0
            for first, last in sides[field]:
                if first > at:
                    edges.append((first - 1, EMPTY))
                edges.append((last, node))
                at = last + 1
            if at < self.sizes[field]:
                edges.append((self.sizes[field] - 1, EMPTY))
            node = self._made(field, edges)
        return node

    def box(self, box: Box) -> Node:
        """A product of the walk; a source that the kernel chooses is any."""
        source, destination, protocols, near, far = box
        numbers = tuple((number, number) for number in range(256) if protocols >> number & 1)
        anything = ((0, self.sizes[1] - 1),)
        ports = tuple(((first + 1, last + 1),) for first, last in (near, far))
        return self.product(((destination,), anything if source is None else source, numbers, *ports))

    def union(self, first: Node, second: Node) -> Node:
        return self._combined(first, second, lambda one, other: one | other, {})

    def intersection(self, first: Node, second: Node) -> Node:
        return self._combined(first, second, lambda one, other: one & other, {})

    def difference(self, first: Node, second: Node) -> Node:
        return self._combined(first, second, lambda one, other: one & ~other & 1, {})

    def count(self, node: Node) -> int:
        """How many packets are in the set."""
        return self._counted(node, 0)

    def member(self, node: Node) -> tuple[int, ...] | None:
        """The values of one packet of the set, the lowest ones; None of the empty set."""
        if node == EMPTY:
            return None
        values = [0] * len(self.sizes)
        while node != FULL:
            field, edges = self._nodes[node]
            low = 0
            for high, child in edges:
                if child != EMPTY:
                    values[field], node = low, child
                    break
                low = high + 1
        return tuple(values)

    def _made(self, field: int, edges: Sequence[tuple[int, Node]]) -> Node:
        """The one node with these edges; neighbours that lead to the same set are one edge."""
        joined: list[tuple[int, Node]] = []
        for high, child in edges:
            if joined and joined[-1][1] == child:
                joined[-1] = (high, child)
            else:
                joined.append((high, child))
        if len(joined) == 1:
            return joined[0][1]
        key = (field, tuple(joined))
        node = self._known.get(key)
        if node is None:
            node = self._known[key] = len(self._nodes)
            self._nodes.append(key)
        return node

    def _combined(
        self, first: Node, second: Node, rule: Callable[[int, int], int], done: dict[tuple[Node, Node], Node]
    ) -> Node:
        if first <= FULL and second <= FULL:
            return rule(first, second)
        key = (first, second)
        if key in done:
            return done[key]
        one, other = self._nodes[first], self._nodes[second]
        field = min(one[0], other[0])
        whole = self.sizes[field] - 1
        left = one[1] if one[0] == field else ((whole, first),)
        right = other[1] if other[0] == field else ((whole, second),)
        edges: list[tuple[int, Node]] = []
        at = to = 0
        while at < len(left) and to < len(right):
            high = min(left[at][0], right[to][0])
            edges.append((high, self._combined(left[at][1], right[to][1], rule, done)))
            at += left[at][0] == high
            to += right[to][0] == high
        done[key] = self._made(field, edges)
        return done[key]

    def _counted(self, node: Node, field: int) -> int:
        """The packets of a set over the fields from that one on."""
        if node == EMPTY:
            return 0
        at, edges = self._nodes[node]
        skipped = 1
        for size in self.sizes[field:at]:
            skipped *= size
        if node == FULL:
            return skipped
        if node not in self._counts:
            total, low = 0, 0
            for high, child in edges:
                total += (high - low + 1) * self._counted(child, at + 1)
                low = high + 1
            self._counts[node] = total
        return skipped * self._counts[node]
