"""One situation in detail, folded away: each flow's fate, packets by wire, counters, SAs, and the packets one by one.

The list of packets has what the timeline's marks have as titles, for readers who use no mouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from sapper.lab.attribution import Account
from sapper.lab.page.marks import LOOKS
from sapper.lab.page.timeline import Event, counted, events_of
from sapper.lab.result import LabRun, NodeCounters, Observed
from sapper.lab.situations import FlowReport, WireReport, flow_reports, wire_reports
from sapper.render.markup import element

_MOST_PACKETS = 300


def situation_details(run: LabRun, label: str, account: Account, ident: str) -> Element:
    """The folded block; ``ident`` is where links to it lead."""
    observed = run.observed.get(label, Observed())
    events = events_of(run, account)
    summary = element(
        "summary", element("span", label, class_="state"), element("span", counted(events), class_="faint")
    )
    parts = [
        *_flows(flow_reports(run, account, observed)),
        *_wires(wire_reports(run, account)),
        *_counters(observed.counters),
        *_associations(observed),
    ]
    if events:
        rows = [element("li", _words(event)) for event in events[:_MOST_PACKETS]]
        hidden = len(events) - len(rows)
        if hidden > 0:
            rows.append(element("li", f"{hidden} more are in the captures", class_="faint"))
        title = "Packets on the untrusted wires"
        parts += [element("h4", title), scrolling(title, element("ol", *rows, class_="packets"))]
    if not parts:
        parts.append(element("p", "Nothing was to be seen.", class_="faint"))
    return element("details", summary, element("div", *parts, id=ident, class_="inside"), class_="situation")


def _words(event: Event) -> str:
    """The packet; what its own words do not say of it before them."""
    return f"{LOOKS[event.look]}: {event.words}" if event.look in ("dropped", "forged") else event.words


def table(caption: str, head: Sequence[str], rows: Sequence[Element], numbers: int = 0) -> Element:
    """A table that scrolls by itself; the last ``numbers`` columns are numbers."""
    first_number = len(head) - numbers
    cells = [
        element("th", text, scope="col", class_="number" if at >= first_number else None)
        for at, text in enumerate(head)
    ]
    return scrolling(
        caption,
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *cells)),
            element("tbody", *rows),
        ),
    )


def scrolling(name: str, *content: Element) -> Element:
    """A part that is wider than a narrow screen: it can be scrolled with the keyboard, too."""
    return element("div", *content, class_="wide", tabindex="0", role="region", aria_label=name)


def _flows(flows: Iterator[FlowReport]) -> Iterator[Element]:
    rows = []
    for flow in flows:
        where = f"{flow.source or flow.node} to {flow.destination}"
        fate = "refuted" if flow.clear else ("proved" if flow.encrypted else "unknown")
        rows.append(
            element(
                "tr",
                element("th", f"{flow.router} {flow.tunnel}", scope="row"),
                element("td", where),
                element("td", flow.network or ("selector" if not flow.through else "–")),
                element("td", str(flow.sent), class_="number"),
                element("td", str(flow.clear), class_="number refuted" if flow.clear else "number"),
                element("td", str(flow.encrypted), class_=f"number {fate}" if flow.encrypted else "number"),
                element("td", str(flow.dropped), class_="number"),
            )
        )
    if rows:
        head = ("tunnel", "flow", "network", "sent", "clear", "encrypted (inferred)", "dropped")
        yield table("What became of each flow at its router", head, rows, numbers=4)


def _wires(wires: Iterator[WireReport]) -> Iterator[Element]:
    rows = [
        element(
            "tr",
            element("th", f"{wire.node} {wire.interface}", scope="row"),
            element("td", _numbers(wire.sent)),
            element("td", _numbers(wire.received)),
            element("td", str(wire.echoes), class_="number"),
        )
        for wire in wires
    ]
    if rows:
        head = ("wire", "sent", "received", "shown again after decryption")
        yield table("Packets by kind on every wire", head, rows, numbers=1)


def _numbers(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items()) or "nothing"


def _counters(counters: Sequence[NodeCounters]) -> Iterator[Element]:
    rows = [
        element(
            "tr",
            element("th", entry.node, scope="row"),
            element("td", group),
            element("td", name),
            element("td", str(number), class_="number"),
        )
        for entry in counters
        for group, values in (("xfrm", entry.xfrm), ("ip", entry.ip), ("links", entry.links), ("nft", entry.nft))
        for name, number in values.items()
    ]
    if rows:
        yield table("Kernel counters that grew", ("node", "of", "counter", "by"), rows, numbers=1)


def _associations(observed: Observed) -> Iterator[Element]:
    rows = [
        element(
            "tr",
            element("th", item.node, scope="row"),
            element("td", f"{item.spi:08x}", class_="mono"),
            element("td", f"{item.source} to {item.destination}"),
            element("td", item.mode),
            element("td", str(item.packets), class_="number"),
        )
        for item in observed.associations
    ]
    if rows:
        head = ("node", "SPI", "from and to", "mode", "packets so far")
        yield table("SAs in the kernels", head, rows, numbers=1)
