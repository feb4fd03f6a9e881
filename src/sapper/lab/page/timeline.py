"""What the routers put on the wire, as a picture: time runs to the right, a row for each situation, a lane for each
router, a mark for each packet.

Only packets that the router itself sent towards the untrusted network are drawn; a clear packet on its LAN is no
leak. Marks that would cover each other are moved apart, in order. Kinds differ in shape as well as in colour, for
readers who do not see the one; every mark has its time and addresses as its title, and the description has all
counts in words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from sapper.lab.page.packet import describe
from sapper.lab.result import CapturedFrame, LabRun, PacketClass
from sapper.render.markup import element

KINDS: dict[PacketClass, str] = {
    "clear-outer": "tunnel packet in clear",
    "clear-inner": "inner packet in clear",
    "esp": "ESP",
    "ike": "IKE",
}
_SHORT: dict[PacketClass, str] = {
    "clear-outer": "clear outer",
    "clear-inner": "clear inner",
    "esp": "ESP",
    "ike": "IKE",
}
_LANE_HEIGHT = 20.0
_ROW_GAP = 6.0
_ROUTER_WIDTH, _COUNT_WIDTH = 70.0, 210.0
_WIDTH = 1110.0
_LETTER_WIDTH = 7.4
_APART = 11.0
_LONGEST_LABEL = 45
_SHORTEST_S = 0.05
_TOP = 12.0
_AXIS_HEIGHT = 32.0
_MOST_MARKS = 250


class Plot(NamedTuple):
    """Where time is drawn: from ``left`` on, ``longest`` seconds in ``width``."""

    left: float
    width: float
    longest: float

    def x(self, time_s: float) -> float:
        return self.left + self.width * min(max(time_s / self.longest, 0.0), 1.0)


def timeline(run: LabRun, ident: str) -> Element:
    """The picture; ``ident`` makes the ids of its title and description unique on the page."""
    routers = list(dict.fromkeys(tunnel.router for tunnel in run.tunnels))
    sent = _sent_outside(run)
    longest = max([_SHORTEST_S, *(frame.time_s for frames in sent.values() for frame in frames)])
    left = _LETTER_WIDTH * min(max(map(len, sent), default=0), _LONGEST_LABEL) + 24 + _ROUTER_WIDTH
    plot = Plot(left, _WIDTH - left - _COUNT_WIDTH, longest)
    row_height = _LANE_HEIGHT * max(len(routers), 1) + _ROW_GAP
    bottom = _TOP + row_height * len(sent)
    rows: list[Element] = []
    for index, (label, frames) in enumerate(sent.items()):
        rows.extend(_row(label, frames, routers, _TOP + index * row_height, plot))
    return element(
        "svg",
        element("title", f"Packets that the routers of {run.title} sent, by situation", id=f"{ident}-title"),
        element("desc", _description(sent, routers), id=f"{ident}-desc"),
        *_axis(plot, bottom),
        *rows,
        viewBox=f"0 0 {_WIDTH:g} {bottom + _AXIS_HEIGHT:g}",
        role="img",
        aria_labelledby=f"{ident}-title {ident}-desc",
        class_="timeline",
    )


def legend() -> Element:
    """The kinds of marks with their names, as a list."""
    entries = []
    for kind, name in KINDS.items():
        picture = element(
            "svg", _mark(kind, 8, 8), viewBox="0 0 16 16", width="16", height="16", aria_hidden="true"
        )
        entries.append(element("li", picture, f" {name}"))
    return element("ul", *entries, class_="legend")


def _sent_outside(run: LabRun) -> dict[str, list[CapturedFrame]]:
    """What to draw: frames that a router put on a wire to the network or to a NAT box; all wires if none is known."""
    roles = {node.name: node.role for node in run.nodes}
    ends = [(a, b) for wire in run.wires for a, b in ((wire.a, wire.b), (wire.b, wire.a))]
    outside = {tuple(a.split(":", 1)) for a, b in ends if roles.get(b.partition(":")[0]) in ("network", "nat")}
    return {
        label: [
            frame
            for frame in frames
            if frame.outgoing
            and frame.category in KINDS
            and (not outside or (frame.router, frame.interface) in outside)
        ]
        for label, frames in run.frames.items()
    }


def _row(
    label: str, frames: Sequence[CapturedFrame], routers: Sequence[str], y: float, plot: Plot
) -> Iterator[Element]:
    height = _LANE_HEIGHT * max(len(routers), 1)
    leaks = any(frame.category in ("clear-outer", "clear-inner") for frame in frames)
    yield element("rect", x=0, y=y, width=_WIDTH, height=height, class_="row leak" if leaks else "row", rx=3)
    yield element("text", label[:_LONGEST_LABEL], x=8, y=y + height / 2 + 4, class_="name")
    for lane, router in enumerate(routers):
        yield from _lane(
            [frame for frame in frames if frame.router == router], router, y + _LANE_HEIGHT * (lane + 0.5), plot
        )


def _lane(frames: Sequence[CapturedFrame], router: str, y: float, plot: Plot) -> Iterator[Element]:
    right = plot.left + plot.width
    yield element("text", router, x=plot.left - _ROUTER_WIDTH, y=y + 4, class_="small faint")
    yield element("line", x1=plot.left, y1=y, x2=right, y2=y, class_="lane")
    x = -math.inf
    drawn = sorted(frames, key=lambda frame: frame.time_s)[:_MOST_MARKS]
    for position, frame in enumerate(drawn):
        room = right - _APART * (len(drawn) - 1 - position)
        x = min(max(plot.x(frame.time_s), x + _APART), max(room, plot.left))
        mark = _mark(frame.category, x, y)
        mark.append(element("title", f"{frame.time_s:.3f} s, {router} {frame.interface}: {describe(frame)}"))
        yield mark
    yield element("text", _counted(frames), x=right + 16, y=y + 4, class_="small")


def _mark(kind: PacketClass, x: float, y: float) -> Element:
    if kind == "clear-outer":
        mark = element("path", d=f"M{x:.1f} {y - 6:.1f} l6 6 l-6 6 l-6 -6 z")
    elif kind == "clear-inner":
        mark = element("rect", x=x - 4.5, y=y - 4.5, width=9, height=9)
    elif kind == "ike":
        mark = element("rect", x=x - 1.5, y=y - 6, width=3, height=12)
    else:
        mark = element("circle", cx=x, cy=y, r=4.5)
    mark.set("class", f"mark {kind}")
    return mark


def _axis(plot: Plot, bottom: float) -> Iterator[Element]:
    step = _step(plot.longest)
    for number in range(int(plot.longest / step + 1e-9) + 1):
        x = plot.x(number * step)
        yield element("line", x1=x, y1=_TOP, x2=x, y2=bottom, class_="grid")
        yield element(
            "text", f"{number * step:g} s", x=x, y=bottom + 14, class_="small faint", text_anchor="middle"
        )


def _step(longest: float) -> float:
    """A round distance of ticks that gives between four and ten of them."""
    magnitude = 10.0 ** math.floor(math.log10(longest / 4))
    return max(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude <= longest / 4 * 1.0001)


def _counted(frames: Sequence[CapturedFrame]) -> str:
    kinds = Counter(frame.category for frame in frames)
    words = [f"{kinds[kind]} {name}" for kind, name in _SHORT.items() if kinds[kind]]
    hidden = len(frames) - _MOST_MARKS
    return (", ".join(words) or "nothing") + (f" ({hidden} not drawn)" if hidden > 0 else "")


def _description(sent: dict[str, list[CapturedFrame]], routers: Sequence[str]) -> str:
    parts = []
    for label, frames in sent.items():
        for router in routers:
            mine = [frame for frame in frames if frame.router == router]
            parts.append(f"{label}, {router}: {_counted(mine)}")
    return ". ".join(parts) + "."
