"""The topology of a run as a picture: nodes from left to right, wires with interfaces and addresses, the tunnel above.

The lab's networks are chains (LAN, router, NAT box, network, router, LAN); whatever is no chain is laid out in the
order of first mention, with its wires drawn all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from sapper.lab.result import LabRun, Node, TunnelRun, Wire
from sapper.render.markup import element

_BOX_WIDTH, _BOX_HEIGHT = 92.0, 46.0
_ROLES = {"network": "untrusted", "nat": "NAT box"}
_LETTER_WIDTH = 6.4
_LEAST_GAP = 110.0
_MARGIN = 12.0
_LINE_HEIGHT = 14.0


def topology(run: LabRun, ident: str) -> Element:
    """The picture; ``ident`` makes the ids of its title and description unique on the page."""
    order = _order(run.nodes, run.wires)
    gap = max([_LEAST_GAP, *(_width(text) + 16 for wire in run.wires for text in _texts(wire))])
    tunnels = _tunnel_labels(run.tunnels)
    wire_y = 34.0 + _LINE_HEIGHT * len(tunnels) + _BOX_HEIGHT / 2
    below = max([0, *(len(wire.a_addresses) + len(wire.b_addresses) for wire in run.wires)])
    height = wire_y + max(_BOX_HEIGHT / 2, _LINE_HEIGHT * (below + 1)) + _MARGIN
    left = {node.name: _MARGIN + index * (_BOX_WIDTH + gap) for index, node in enumerate(order)}
    width = 2 * _MARGIN + len(order) * _BOX_WIDTH + max(len(order) - 1, 0) * gap
    return element(
        "svg",
        element("title", f"Topology of {run.title}", id=f"{ident}-title"),
        element("desc", _description(order, run.wires), id=f"{ident}-desc"),
        *(part for wire in run.wires for part in _wire(wire, left, wire_y)),
        *_tunnel_arc(run.tunnels, tunnels, left, wire_y),
        *(part for node in order for part in _node(node, left[node.name], wire_y)),
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_labelledby=f"{ident}-title {ident}-desc",
        class_="topology",
        style=f"max-width:{width:g}px",
    )


def _order(nodes: Sequence[Node], wires: Sequence[Wire]) -> list[Node]:
    """The nodes along the chain of wires, from the end that is mentioned first."""
    neighbours: dict[str, list[str]] = {node.name: [] for node in nodes}
    for wire in wires:
        a, b = _ends(wire)
        if a in neighbours and b in neighbours:
            neighbours[a].append(b)
            neighbours[b].append(a)
    starts = sorted(neighbours, key=lambda name: len(neighbours[name]) != 1)
    seen: dict[str, None] = {}
    for start in starts:
        stack = [start]
        while stack:
            name = stack.pop()
            if name not in seen:
                seen[name] = None
                stack.extend(reversed(neighbours[name]))
    by_name = {node.name: node for node in nodes}
    return [by_name[name] for name in seen]


def _ends(wire: Wire) -> tuple[str, str]:
    return wire.a.partition(":")[0], wire.b.partition(":")[0]


def _texts(wire: Wire) -> Iterator[str]:
    yield from wire.a_addresses
    yield from wire.b_addresses
    yield wire.a.partition(":")[2] + "  " + wire.b.partition(":")[2]


def _width(text: str) -> float:
    return len(text) * _LETTER_WIDTH


def _node(node: Node, x: float, wire_y: float) -> Iterator[Element]:
    y, middle = wire_y - _BOX_HEIGHT / 2, x + _BOX_WIDTH / 2
    if node.role == "network":
        shape = element("ellipse", cx=middle, cy=wire_y, rx=_BOX_WIDTH / 2, ry=_BOX_HEIGHT / 2)
    else:
        corner = 14 if node.role == "host" else 4
        shape = element("rect", x=x, y=y, width=_BOX_WIDTH, height=_BOX_HEIGHT, rx=corner)
    shape.set("class", f"node {node.role}")
    yield shape
    role = _ROLES.get(node.role, node.role)
    yield element("text", node.name, x=middle, y=wire_y - 2, class_="name", text_anchor="middle")
    yield element("text", role, x=middle, y=wire_y + 13, class_="small faint", text_anchor="middle")


def _wire(wire: Wire, left: dict[str, float], wire_y: float) -> Iterator[Element]:
    ends = _ends(wire)
    if ends[0] not in left or ends[1] not in left:
        return
    a, b = (wire.a, wire.a_addresses), (wire.b, wire.b_addresses)
    if left[ends[0]] > left[ends[1]]:
        a, b = b, a
    from_x = left[a[0].partition(":")[0]] + _BOX_WIDTH
    to_x = left[b[0].partition(":")[0]]
    yield element("line", x1=from_x, y1=wire_y, x2=to_x, y2=wire_y, class_="wire")
    yield element("text", a[0].partition(":")[2], x=from_x + 6, y=wire_y - 6, class_="small")
    yield element("text", b[0].partition(":")[2], x=to_x - 6, y=wire_y - 6, class_="small", text_anchor="end")
    y = wire_y + _LINE_HEIGHT + 2
    for text in a[1]:
        yield element("text", text, x=from_x + 6, y=y, class_="small mono")
        y += _LINE_HEIGHT
    for text in b[1]:
        yield element("text", text, x=to_x - 6, y=y, class_="small mono", text_anchor="end")
        y += _LINE_HEIGHT


def _tunnel_labels(tunnels: Sequence[TunnelRun]) -> list[str]:
    return list(dict.fromkeys(f"{run.tunnel}: {run.encapsulation}, protection {run.protection}" for run in tunnels))


def _tunnel_arc(
    tunnels: Sequence[TunnelRun], labels: list[str], left: dict[str, float], wire_y: float
) -> Iterator[Element]:
    places = sorted({left[run.router] for run in tunnels if run.router in left})
    if not places:
        return
    start, end = places[0] + _BOX_WIDTH / 2, places[-1] + _BOX_WIDTH / 2
    top = wire_y - _BOX_HEIGHT / 2
    high = top - 22
    if start < end:
        path = f"M{start:g} {top:g} V{high + 8:g} Q{start:g} {high:g} {start + 8:g} {high:g}"
        path += f" H{end - 8:g} Q{end:g} {high:g} {end:g} {high + 8:g} V{top:g}"
        yield element("path", d=path, class_="tunnel")
    for index, label in enumerate(reversed(labels)):
        y = high - 5 - index * _LINE_HEIGHT
        yield element("text", label, x=(start + end) / 2, y=y, class_="small", text_anchor="middle")


def _description(order: Sequence[Node], wires: Sequence[Wire]) -> str:
    chain = " – ".join(node.name for node in order)
    parts = [
        f"{wire.a} {', '.join(wire.a_addresses) or 'without address'} to"
        f" {wire.b} {', '.join(wire.b_addresses) or 'without address'}"
        for wire in wires
    ]
    return f"{chain}. Wires: {'; '.join(parts)}."
