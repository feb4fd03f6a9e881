"""Where nodes stand in the picture of a network of any shape: pure arithmetic, drawn elsewhere.

The networks between are the middle column. What hangs on them stands left and right of it, hosts outermost: each node
spans the rows of what hangs on it, so that its wires are horizontal. A wire that closes a ring (a second WAN) is drawn
straight. A hub with three tunnels or more has the left side for itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from sapper.lab.result import LabRun, Node, Wire

BOX_WIDTH, BOX_HEIGHT = 112.0, 46.0
LINE_HEIGHT = 14.0
MARGIN = 12.0
_LETTER_WIDTH = 6.5
_LEAST_GAP = 96.0
_MANY_TUNNELS = 3


class Box(msgspec.Struct, frozen=True):
    """A node's rectangle: ``x`` and ``y`` of its upper left corner."""

    node: Node
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + BOX_WIDTH


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """``boxes`` by name. ``hung`` are the wires along which a node hangs on its parent: parent first."""

    boxes: dict[str, Box]
    hung: frozenset[tuple[str, str]]
    width: float
    height: float


class _Tree(msgspec.Struct):
    """Who hangs on whom: found breadth first from the networks, or from the first node where there is none."""

    roots: list[str]
    children: dict[str, list[str]]

    def rows(self, name: str) -> int:
        return max(1, sum(map(self.rows, self.children[name])))

    def depth(self, name: str) -> int:
        return 1 + max((self.depth(child) for child in self.children[name]), default=0)


def lay_out(run: LabRun, top: float) -> Layout:
    """The layout of a run's nodes below ``top``."""
    tree = _grown(run.nodes, run.wires)
    below = max([1, *(len(wire.a_addresses) + len(wire.b_addresses) for wire in run.wires)])
    row = max(BOX_HEIGHT + LINE_HEIGHT, BOX_HEIGHT / 2 + LINE_HEIGHT * (below + 1.5))
    sides = _Sides(run, tree, row, top)
    by_name = {node.name: node for node in run.nodes}
    boxes = {name: Box(by_name[name], *place) for name, place in sides.places.items()}
    hung = frozenset((parent, child) for parent, children in tree.children.items() for child in children)
    return Layout(
        boxes=boxes,
        hung=hung,
        width=max((box.right for box in boxes.values()), default=0.0) + MARGIN,
        height=max((box.y + box.height for box in boxes.values()), default=top) + row - BOX_HEIGHT + MARGIN,
    )


def text_width(text: str) -> float:
    """About how wide a small text is."""
    return len(text) * _LETTER_WIDTH


def ends_of(wire: Wire) -> tuple[str, str]:
    """The nodes at both ends."""
    return wire.a.partition(":")[0], wire.b.partition(":")[0]


def hub_of(run: LabRun) -> str | None:
    """The router in which most tunnels end, if there are enough to call it a hub."""
    far: dict[str, set[str]] = {}
    for tunnel in run.tunnels:
        if tunnel.far is not None:
            far.setdefault(tunnel.router, set()).add(tunnel.far)
    name = max(far, key=lambda router: len(far[router]), default=None)
    return name if name is not None and len(far[name]) >= _MANY_TUNNELS else None


def _address_lists(wires: Sequence[Wire]) -> Iterator[tuple[str, ...]]:
    for wire in wires:
        yield wire.a_addresses
        yield wire.b_addresses


def _grown(nodes: Sequence[Node], wires: Sequence[Wire]) -> _Tree:
    neighbours: dict[str, list[str]] = {node.name: [] for node in nodes}
    for wire in wires:
        a, b = ends_of(wire)
        if a in neighbours and b in neighbours:
            neighbours[a].append(b)
            neighbours[b].append(a)
    roots = [node.name for node in nodes if node.role == "network"]
    children: dict[str, list[str]] = {name: [] for name in neighbours}
    seen = set(roots)
    queue = deque(roots)
    for start in [None, *neighbours]:
        if start is not None and start not in seen:
            roots.append(start)
            seen.add(start)
            queue.append(start)
        while queue:
            name = queue.popleft()
            for neighbour in neighbours[name]:
                if neighbour not in seen:
                    seen.add(neighbour)
                    children[name].append(neighbour)
                    queue.append(neighbour)
    return _Tree(roots, children)


class _Sides:
    """Places every node: the roots below each other in the middle, what hangs on them to the left and the right."""

    def __init__(self, run: LabRun, tree: _Tree, row: float, top: float) -> None:
        self.places: dict[str, tuple[float, float, float]] = {}
        self._tree = tree
        self._row = row
        self._gap = _gap(run.wires)
        left, right = self._divided(hub_of(run))
        step = BOX_WIDTH + self._gap
        self._middle = MARGIN + step * max(
            (tree.depth(name) for names in left.values() for name in names), default=0
        )
        y = top
        for root in tree.roots:
            rows = max([1, *(sum(map(tree.rows, side[root])) for side in (left, right))])
            self._put(root, self._middle, y, rows)
            for side, direction in ((left, -1), (right, 1)):
                start = y + row * (rows - sum(map(tree.rows, side[root]))) / 2
                self._hang(side[root], self._middle + direction * step, start, direction)
            y += rows * row

    def _divided(self, hub: str | None) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """What hangs on each root, left and right: a hub alone on the left, else so that both are alike high."""
        left: dict[str, list[str]] = {}
        right: dict[str, list[str]] = {}
        for root in self._tree.roots:
            left[root], right[root] = [], []
            heights = [0, 0]
            for child in self._tree.children[root]:
                goes_left = self._below(child, hub) if hub is not None else heights[0] <= heights[1]
                (left if goes_left else right)[root].append(child)
                heights[not goes_left] += self._tree.rows(child)
        return left, right

    def _below(self, name: str, wanted: str | None) -> bool:
        return name == wanted or any(self._below(child, wanted) for child in self._tree.children[name])

    def _hang(self, names: Sequence[str], x: float, y: float, direction: int) -> None:
        for name in names:
            rows = self._tree.rows(name)
            self._put(name, x, y, rows)
            self._hang(self._tree.children[name], x + direction * (BOX_WIDTH + self._gap), y, direction)
            y += rows * self._row

    def _put(self, name: str, x: float, y: float, rows: int) -> None:
        self.places[name] = (x, y, (rows - 1) * self._row + BOX_HEIGHT)


def _gap(wires: Sequence[Wire]) -> float:
    """Wide enough for the texts of any wire: interface names side by side, addresses below each other."""
    widths = [text_width(text) for texts in _address_lists(wires) for text in texts]
    widths += [text_width(wire.a.partition(":")[2] + wire.b.partition(":")[2]) + 24 for wire in wires]
    return max([_LEAST_GAP, *(width + 16 for width in widths)])


def wire_texts(wire: Wire) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """For each end's node, the interface and its addresses."""
    a, b = ends_of(wire)
    return {
        a: (wire.a.partition(":")[2], wire.a_addresses),
        b: (wire.b.partition(":")[2], wire.b_addresses),
    }
