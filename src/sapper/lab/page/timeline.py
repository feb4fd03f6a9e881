"""What the routers put on the untrusted wires, as a picture: time runs to the right, a row for each situation, a lane
for each router, a mark for each packet.

Drawn are packets that the router itself sent towards the untrusted network, what was dropped instead, and forged
packets that were sent to it; a clear packet on its LAN is no leak. Marks that would cover each other are moved apart,
in order. Every mark has the packet in words as its title, and the description has all counts in words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from sapper.lab.attribution import Account
from sapper.lab.describe import sentence
from sapper.lab.page.marks import LOOKS, SHORT, Look, look_of, mark
from sapper.lab.result import LabRun
from sapper.render.markup import element

_LANE_HEIGHT = 20.0
_ROW_GAP = 6.0
_ROUTER_WIDTH, _COUNT_WIDTH = 84.0, 250.0
_WIDTH = 1180.0
_LETTER_WIDTH = 7.4
_APART = 11.0
_LONGEST_LABEL, _LONGEST_ROUTER = 38, 11
_SHORTEST_S = 0.05
_TOP = 12.0
_AXIS_HEIGHT = 32.0
_MOST_MARKS = 250
_FEW_ROUTERS = 3
_LEAKS = frozenset({"clear-outer", "clear-inner"})


class Event(NamedTuple):
    """One mark: when, how it looks, and the packet in words."""

    time_s: float
    router: str
    look: Look
    words: str


class Plot(NamedTuple):
    """Where time is drawn: from ``left`` on, ``longest`` seconds in ``width``."""

    left: float
    width: float
    longest: float

    def x(self, time_s: float) -> float:
        return self.left + self.width * min(max(time_s / self.longest, 0.0), 1.0)


def timeline(run: LabRun, accounts: Mapping[str, Account], ident: str, anchors: Mapping[str, str]) -> Element:
    """The picture; ``ident`` makes the ids of its title and description unique, ``anchors`` are where labels lead."""
    routers = list(dict.fromkeys(tunnel.router for tunnel in run.tunnels))
    events = {label: events_of(run, account) for label, account in accounts.items()}
    longest = max([_SHORTEST_S, *(event.time_s for row in events.values() for event in row)])
    left = _LETTER_WIDTH * min(max(map(len, events), default=0), _LONGEST_LABEL) + 24 + _ROUTER_WIDTH
    plot = Plot(left, _WIDTH - left - _COUNT_WIDTH, longest)
    rows: list[Element] = []
    y = _TOP
    for label, found in events.items():
        lanes = _lanes(found, routers)
        rows.extend(_row(label, found, lanes, y, plot, anchors.get(label)))
        y += _LANE_HEIGHT * len(lanes) + _ROW_GAP
    return element(
        "svg",
        element("title", f"Packets that the routers of {run.title} sent, by situation", id=f"{ident}-title"),
        element("desc", _description(events, routers), id=f"{ident}-desc"),
        *_axis(plot, y),
        *rows,
        viewBox=f"0 0 {_WIDTH:g} {y + _AXIS_HEIGHT:g}",
        role="group",
        aria_labelledby=f"{ident}-title {ident}-desc",
        class_="timeline",
    )


def legend() -> Element:
    """The kinds of marks with their names, as a list."""
    entries = []
    for look, name in LOOKS.items():
        picture = element("svg", mark(look, 8, 8), viewBox="0 0 16 16", width="16", height="16", aria_hidden="true")
        entries.append(element("li", picture, f" {name}"))
    return element("ul", *entries, class_="legend")


def events_of(run: LabRun, account: Account) -> list[Event]:
    """What to draw of one situation, in order of time: of all wires if it is not known which are untrusted."""
    outside = outer_ends(run)
    flows = {flow.token: flow for flow in run.flows}
    found = []
    for packet in account.packets:
        end = packet.frame.router, packet.frame.interface
        look = look_of(packet) if not outside or end in outside else None
        if look is not None:
            words = f"{packet.frame.time_s:.6f} s, {' '.join(end)}: {sentence(packet, flows)}"
            found.append(Event(packet.frame.time_s, packet.frame.router, look, words))
    for entry in account.dropped:
        flow = flows.get(entry.flow)
        ends = f"{flow.source or flow.node} to {flow.destination}" if flow else entry.flow
        words = f"{entry.time_s:.6f} s, {entry.router}: {ends} came in and went out in no form"
        found.append(Event(entry.time_s, entry.router, "dropped", words))
    return sorted(found, key=lambda event: event.time_s)


def outer_ends(run: LabRun) -> set[tuple[str, str]]:
    """Node and interface of every router's end of a wire to a network or to a NAT box."""
    roles = {node.name: node.role for node in run.nodes}
    found = set()
    for wire in run.wires:
        for near, far in ((wire.a, wire.b), (wire.b, wire.a)):
            node, _, interface = near.partition(":")
            if roles.get(far.partition(":")[0]) in ("network", "nat") and roles.get(node) == "router":
                found.add((node, interface))
    return found


def counted(events: Sequence[Event]) -> str:
    """``5 ESP, 5 forged in``."""
    looks = Counter(event.look for event in events)
    words = [f"{looks[look]} {name}" for look, name in SHORT.items() if looks[look]]
    return ", ".join(words) or "nothing"


def _lanes(events: Sequence[Event], routers: Sequence[str]) -> list[str]:
    """All routers of a few; of many those that something happened to."""
    if len(routers) <= _FEW_ROUTERS:
        return list(routers) or [""]
    busy = {event.router for event in events}
    return [name for name in routers if name in busy] or list(routers[:1])


def _row(
    label: str, events: Sequence[Event], lanes: Sequence[str], y: float, plot: Plot, anchor: str | None
) -> Iterator[Element]:
    height = _LANE_HEIGHT * len(lanes)
    leaks = any(event.look in _LEAKS for event in events)
    yield element("rect", x=0, y=y, width=_WIDTH, height=height, class_="row leak" if leaks else "row", rx=3)
    text = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
    name = element("text", text, x=8, y=y + height / 2 + 4, class_="name")
    yield element("a", name, href=f"#{anchor}") if anchor else name
    for lane, router in enumerate(lanes):
        mine = [event for event in events if event.router == router]
        yield from _lane(mine, router, y + _LANE_HEIGHT * (lane + 0.5), plot)


def _lane(events: Sequence[Event], router: str, y: float, plot: Plot) -> Iterator[Element]:
    right = plot.left + plot.width
    yield element("text", router[:_LONGEST_ROUTER], x=plot.left - _ROUTER_WIDTH, y=y + 4, class_="small faint")
    yield element("line", x1=plot.left, y1=y, x2=right, y2=y, class_="lane")
    x = -math.inf
    drawn = events[:_MOST_MARKS]
    apart = min(_APART, plot.width / max(len(drawn), 1))
    for position, event in enumerate(drawn):
        room = right - apart * (len(drawn) - 1 - position)
        x = min(max(plot.x(event.time_s), x + apart), max(room, plot.left))
        found = mark(event.look, x, y)
        found.append(element("title", event.words))
        yield found
    hidden = len(events) - _MOST_MARKS
    words = counted(events) + (f" ({hidden} not drawn)" if hidden > 0 else "")
    yield element("text", words, x=right + 16, y=y + 4, class_="small")


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


def _description(events: Mapping[str, Sequence[Event]], routers: Sequence[str]) -> str:
    parts = []
    for label, found in events.items():
        for router in routers:
            mine = [event for event in found if event.router == router]
            parts.append(f"{label}, {router}: {counted(mine)}")
    return ". ".join(parts) + "."
