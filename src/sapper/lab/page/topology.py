"""The topology of a run as a picture: any number of nodes and wires, with interfaces and addresses, and the tunnels.

The tunnel of a pair is an arc above it; where there are more, each is a dashed line between its routers, and the
tunnels are listed below the picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from sapper.lab.page.layout import BOX_WIDTH, LINE_HEIGHT, Box, Layout, ends_of, lay_out, wire_texts
from sapper.lab.result import LabRun, Node, TunnelRun, Wire
from sapper.render.markup import element

_ROLES = {"network": "untrusted", "nat": "NAT box"}
_LONGEST_NAME = 15
_PAIR = 2
_SMALLEST = 0.72  # of its natural size; a narrower screen scrolls


def topology(run: LabRun, ident: str) -> Element:
    """The picture; ``ident`` makes the ids of its title and description unique on the page."""
    labels = tunnel_labels(run.tunnels) if _is_pair(run) else []
    layout = lay_out(run, 36.0 + LINE_HEIGHT * len(labels) if labels else 16.0)
    return element(
        "svg",
        element("title", f"Topology of {run.title}", id=f"{ident}-title"),
        element("desc", _description(run.nodes, run.wires), id=f"{ident}-desc"),
        *_tunnels(run, layout, labels),
        *(part for wire in run.wires for part in _wire(wire, layout)),
        *_ring_labels(run.wires, layout),
        *(part for box in layout.boxes.values() for part in _node(box)),
        viewBox=f"0 0 {layout.width:g} {layout.height:g}",
        role="img",
        aria_labelledby=f"{ident}-title {ident}-desc",
        class_="topology",
        style=f"width:{layout.width:g}px;min-width:{layout.width * _SMALLEST:g}px",
    )


def tunnel_labels(tunnels: Sequence[TunnelRun]) -> list[str]:
    """Each tunnel once, whichever end names it."""
    return list(dict.fromkeys(f"{run.tunnel}: {run.encapsulation}, protection {run.protection}" for run in tunnels))


def tunnel_list(run: LabRun) -> list[str]:
    """For a picture with more than a pair: every tunnel with its ends."""
    if _is_pair(run):
        return []
    return [
        f"{item.router} {item.tunnel}{f' to {item.far}' if item.far else ''}: {item.encapsulation},"
        f" protection {item.protection}"
        for item in run.tunnels
    ]


def _is_pair(run: LabRun) -> bool:
    return len({tunnel.router for tunnel in run.tunnels}) <= _PAIR


def _node(box: Box) -> Iterator[Element]:
    node = box.node
    corner = {"network": 22, "host": 14}.get(node.role, 4)
    yield element(
        "rect",
        x=box.x,
        y=box.y,
        width=BOX_WIDTH,
        height=box.height,
        rx=corner,
        class_=f"node {node.role}",
    )
    middle = box.x + BOX_WIDTH / 2
    name = node.name if len(node.name) <= _LONGEST_NAME else node.name[: _LONGEST_NAME - 1] + "…"
    yield element("text", name, x=middle, y=box.middle - 2, class_="name", text_anchor="middle")
    role = _ROLES.get(node.role, node.role)
    yield element("text", role, x=middle, y=box.middle + 13, class_="small faint", text_anchor="middle")


def _wire(wire: Wire, layout: Layout) -> Iterator[Element]:
    ends = ends_of(wire)
    if ends[0] not in layout.boxes or ends[1] not in layout.boxes or ends[0] == ends[1]:
        return
    left, right = sorted((layout.boxes[ends[0]], layout.boxes[ends[1]]), key=lambda box: (box.x, box.y))
    texts = wire_texts(wire)
    if _closes_ring(left, right, layout):
        yield _oblique(left, right)
        return
    y = min(left, right, key=lambda box: box.height).middle
    yield element("line", x1=left.right, y1=y, x2=right.x, y2=y, class_="wire")
    yield from _labels(*texts[left.node.name], left.right + 6, y, "start")
    # The right end's addresses stand below the left one's: there is no room for both beside each other.
    yield from _labels(*texts[right.node.name], right.x - 6, y, "end", len(texts[left.node.name][1]))


def _labels(
    interface: str, addresses: Sequence[str], x: float, y: float, anchor: str, line: int = 0
) -> Iterator[Element]:
    yield element("text", interface, x=x, y=y - 6, class_="small", text_anchor=anchor)
    below = y + LINE_HEIGHT * (line + 1) + 2
    for text in addresses:
        yield element("text", text, x=x, y=below, class_="small mono", text_anchor=anchor)
        below += LINE_HEIGHT


def _closes_ring(a: Box, b: Box, layout: Layout) -> bool:
    """Whether the wire is not the one by which one of the two hangs on the other."""
    hung = {(a.node.name, b.node.name), (b.node.name, a.node.name)} & layout.hung
    return not hung or a.x == b.x


def _ring_labels(wires: Sequence[Wire], layout: Layout) -> Iterator[Element]:
    """Beside a network that a ring leads to: whose interface comes there."""
    lines: Counter[tuple[str, bool]] = Counter()
    for wire in wires:
        boxes = [layout.boxes[name] for name in ends_of(wire) if name in layout.boxes]
        if len(boxes) != _PAIR or boxes[0].x == boxes[1].x or not _closes_ring(boxes[0], boxes[1], layout):
            continue
        network, other = sorted(boxes, key=lambda box: box.node.role != "network")
        on_left = other.x < network.x
        interface, addresses = wire_texts(wire)[other.node.name]
        place = network.node.name, on_left
        y = network.middle - 8 + LINE_HEIGHT * lines[place]
        lines[place] += 1
        x, anchor = (network.x - 8, "end") if on_left else (network.right + 8, "start")
        text = " ".join((other.node.name, interface, *addresses))
        yield element("text", text, x=x, y=y, class_="small", text_anchor=anchor)


def _oblique(left: Box, right: Box) -> Element:
    """A wire that closes a ring: from edge to edge, or in a curve beside the column."""
    if left.x == right.x:
        x, upper, lower = left.right, left.middle, right.middle
        path = f"M{x:g} {upper:g} C{x + 40:g} {upper:g} {x + 40:g} {lower:g} {x:g} {lower:g}"
    else:
        half = (left.right + right.x) / 2
        path = f"M{left.right:g} {left.middle + 10:g} C{half:g} {left.middle + 10:g}"
        path += f" {half:g} {right.middle:g} {right.x:g} {right.middle:g}"
    return element("path", d=path, class_="wire ring")


def _tunnels(run: LabRun, layout: Layout, labels: Sequence[str]) -> Iterator[Element]:
    boxes = [layout.boxes[name] for name in dict.fromkeys(t.router for t in run.tunnels) if name in layout.boxes]
    if _is_pair(run):
        yield from _arc(sorted(boxes, key=lambda box: box.x), labels)
        return
    pairs = {frozenset((item.router, item.far)) for item in run.tunnels if item.far is not None}
    for pair in sorted(map(sorted, pairs)):
        known = [layout.boxes[name] for name in pair if name in layout.boxes]
        if len(known) == _PAIR:
            yield _dashed(*sorted(known, key=lambda box: (box.x, box.y)))


def _dashed(left: Box, right: Box) -> Element:
    if left.x == right.x:
        x = left.right
        path = f"M{x:g} {left.middle - 8:g} C{x + 70:g} {left.middle:g} {x + 70:g} {right.middle:g}"
        path += f" {x:g} {right.middle - 8:g}"
    else:
        half = (left.right + right.x) / 2
        path = f"M{left.right:g} {left.middle - 14:g} C{half:g} {left.middle - 14:g}"
        path += f" {half:g} {right.middle - 14:g} {right.x:g} {right.middle - 14:g}"
    return element("path", d=path, class_="tunnel thin")


def _arc(boxes: Sequence[Box], labels: Sequence[str]) -> Iterator[Element]:
    if not boxes:
        return
    start, end = boxes[0].x + BOX_WIDTH / 2, boxes[-1].x + BOX_WIDTH / 2
    high = min(box.y for box in boxes) - 22
    if start < end:
        path = f"M{start:g} {boxes[0].y:g} V{high + 8:g} Q{start:g} {high:g} {start + 8:g} {high:g}"
        path += f" H{end - 8:g} Q{end:g} {high:g} {end:g} {high + 8:g} V{boxes[-1].y:g}"
        yield element("path", d=path, class_="tunnel")
    for index, label in enumerate(reversed(labels)):
        y = high - 5 - index * LINE_HEIGHT
        yield element("text", label, x=(start + end) / 2, y=y, class_="small", text_anchor="middle")


def _description(nodes: Sequence[Node], wires: Sequence[Wire]) -> str:
    names = ", ".join(node.name for node in nodes)
    parts = [
        f"{wire.a} {', '.join(wire.a_addresses) or 'without address'} to"
        f" {wire.b} {', '.join(wire.b_addresses) or 'without address'}"
        for wire in wires
    ]
    return f"{names}. Wires: {'; '.join(parts)}."
