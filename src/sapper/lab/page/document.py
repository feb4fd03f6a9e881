"""The page put together: what was found, on what, all setups at a glance, then each setup with its pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element

import msgspec

from sapper.lab.attribution import accounts
from sapper.lab.page.download import capture_links, json_link, log_links
from sapper.lab.page.situation import scrolling, situation_details
from sapper.lab.page.timeline import legend, timeline
from sapper.lab.page.topology import topology, tunnel_list
from sapper.lab.page.verdicts import overview, tunnel_table, ways
from sapper.lab.pcap import Capture
from sapper.lab.report import joined, lab_report, versions_of
from sapper.lab.result import LabRun
from sapper.lab.table import compared, mentioned
from sapper.render.markup import element, html_page

_LEGEND = (
    "Each cell: what the proof predicts / what was seen, the worse of all routers. leak: packets in clear on the "
    "untrusted network; open: a forged packet in clear was decapsulated; safe: neither."
)
_HOW_KNOWN = (
    "A clear packet's flow is certain: a token is in it. An ESP packet's SA is certain, by its SPI; its flow is "
    "inferred from the order of sending, because no key leaves the lab. Point at a mark for the packet; every packet "
    "is also listed under its situation below."
)


def lab_page(
    runs: Sequence[LabRun], captures: Sequence[Capture] = (), directory: Path | None = None, made: str | None = None
) -> str:
    """The HTML text. Captures are linked relative to ``directory``, where the page will lie; ``made`` is a date."""
    title = runs[0].title if len(runs) == 1 else "all setups"
    return whole(title, header(runs, title, made, _sum(runs), lab_report(runs)), _main(runs, captures, directory))


def whole(title: str, head_of_page: Element, main: Iterable[Element]) -> str:
    """The HTML text of a page with these parts."""
    body = [
        element("a", "Skip to the results", href="#results", class_="skip"),
        head_of_page,
        element("main", *main, id="results"),
    ]
    style = files("sapper.lab.page").joinpath("page.css").read_text("utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"sapper lab: {title}"),
        element("link", rel="icon", href="data:,"),
        _style(style),
    )
    return html_page(element("html", head, element("body", *body), lang="en"))


def _main(runs: Sequence[LabRun], captures: Sequence[Capture], directory: Path | None) -> Iterator[Element]:
    if len(runs) > 1:
        yield element("h2", "All setups at a glance", class_="first")
        yield from (overview(runs, prop) for prop in compared(runs))
        yield element("p", _LEGEND, class_="faint")
    for number, run in enumerate(runs, 1):
        mine = [capture for capture in captures if capture.title == run.title]
        yield from setup(run, number, mine, directory)


def _style(text: str) -> Element:
    node = Element("style")
    node.text = "\n" + text
    return node


def header(
    runs: Sequence[LabRun], title: str, made: str | None, found: Element, document: msgspec.Struct
) -> Element:
    """``found`` is the sum of it all, ``document`` the same as JSON."""
    return element(
        "header",
        element("h1", f"sapper lab: {title}"),
        found,
        _versions(runs, made),
        *_folded("Shortened for the lab", [text for run in runs for text in run.shortened]),
        *_folded("Assumptions", [text for run in runs for text in run.assumptions]),
        element("p", json_link(document), class_="downloads"),
    )


def _sum(runs: Sequence[LabRun]) -> Element:
    wrong = sum(run.disagreements for run in runs)
    situations = sum(len(tunnel.states) for run in runs for tunnel in run.tunnels)
    badge = badge_of(f"{wrong} disagreement{'' if wrong == 1 else 's'}", good=not wrong)
    setups = f"{len(runs)} setup{'' if len(runs) == 1 else 's'}"
    return element("p", badge, f" between proof and kernel in {situations} situations of {setups}.")


def badge_of(text: str, *, good: bool) -> Element:
    """The sum of a page, to be seen from afar."""
    return element("span", text, class_=f"sum {'good' if good else 'bad'}")


def _versions(runs: Sequence[LabRun], made: str | None) -> Element:
    entries = [
        ("kernel", joined(f"Linux {run.kernel}" for run in runs)),
        ("IKE daemon", joined(run.ike for run in runs)),
        ("sapper", joined(run.sapper for run in runs)),
        ("provider", joined(run.provider for run in runs)),
        *((name, value) for name, value in versions_of(runs).items() if name != "kernel"),
        ("duration", f"{sum(run.duration_s for run in runs):.0f} s"),
    ]
    if made:
        entries.append(("made", made))
    pairs = [element("div", element("dt", name), element("dd", value)) for name, value in entries]
    return element("dl", *pairs, class_="versions")


def _folded(title: str, texts: Sequence[str]) -> Iterator[Element]:
    distinct = list(dict.fromkeys(texts))
    if distinct:
        items = element("ul", *(element("li", text) for text in distinct))
        yield element("details", element("summary", f"{title} ({len(distinct)})"), items)


def setup(run: LabRun, number: int, captures: Sequence[Capture], directory: Path | None) -> Iterator[Element]:
    """One setup with its pictures, its tables and its downloads."""
    found = accounts(run)
    anchors = {label: f"setup-{number}-state-{at}" for at, label in enumerate(found, 1)}
    yield element("h2", run.title, id=f"setup-{number}", class_="first" if number == 1 else None)
    if run.nodes:
        yield scrolling(f"Topology of {run.title}", topology(run, f"topology-{number}"))
        yield from _folded("Tunnels", tunnel_list(run))
    if found:
        yield element("h3", "What the routers sent to the untrusted network")
        yield legend()
        drawn = timeline(run, found, f"timeline-{number}", anchors)
        yield scrolling(f"Timeline of {run.title}", drawn)
        yield element("p", _HOW_KNOWN, class_="faint")
    yield element("h3", "Predicted and seen")
    properties = mentioned(run)
    for tunnel in run.tunnels:
        yield tunnel_table(tunnel, properties)
        yield from _folded(f"Shortest ways into what fails on {tunnel.router} {tunnel.tunnel}", ways(tunnel))
    if found:
        yield element("h3", "Each situation in detail")
        yield from (situation_details(run, label, account, anchors[label]) for label, account in found.items())
    links = [*log_links(run), *capture_links(run, found, captures, directory)]
    if links:
        entries = [element("li", link) for link in links]
        summary = element("summary", f"Downloads: logs and captures ({len(links)} files)")
        yield element("details", summary, element("ul", *entries, class_="captures"))
