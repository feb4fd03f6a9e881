"""The page put together: what was found, on what, all setups at a glance, then each setup with its pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote
from xml.etree.ElementTree import Element

from sapper.lab.page.timeline import legend, timeline
from sapper.lab.page.topology import topology
from sapper.lab.page.verdicts import overview, tunnel_table
from sapper.lab.pcap import Capture
from sapper.lab.report import joined
from sapper.lab.result import LabRun
from sapper.lab.table import compared, mentioned
from sapper.render.markup import element, html_page

_LEGEND = (
    "Each cell: what the proof predicts / what was seen, the worse of both routers. leak: packets in clear on the "
    "untrusted network; open: a forged packet in clear was decapsulated; safe: neither."
)


def lab_page(
    runs: Sequence[LabRun], captures: Sequence[Capture] = (), directory: Path | None = None, made: str | None = None
) -> str:
    """The HTML text. Captures are linked relative to ``directory``, where the page will lie; ``made`` is a date."""
    title = runs[0].title if len(runs) == 1 else "all setups"
    body = [
        element("h1", f"sapper lab: {title}"),
        _sum(runs),
        _versions(runs, made),
        *_list("Shortened for the lab", [text for run in runs for text in run.shortened]),
        *_list("Assumptions", [text for run in runs for text in run.assumptions]),
    ]
    if len(runs) > 1:
        body.append(element("h2", "All setups at a glance", class_="first"))
        body.extend(overview(runs, prop) for prop in compared(runs))
        body.append(element("p", _LEGEND, class_="faint"))
    for number, run in enumerate(runs, 1):
        mine = [capture for capture in captures if capture.title == run.title]
        body.extend(_setup(run, number, mine, directory))
    style = files("sapper.lab.page").joinpath("page.css").read_text("utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"sapper lab: {title}"),
        _style(style),
    )
    return html_page(element("html", head, element("body", *body), lang="en"))


def _style(text: str) -> Element:
    node = Element("style")
    node.text = "\n" + text
    return node


def _sum(runs: Sequence[LabRun]) -> Element:
    wrong = sum(run.disagreements for run in runs)
    situations = sum(len(tunnel.states) for run in runs for tunnel in run.tunnels)
    badge = element(
        "span", f"{wrong} disagreement{'' if wrong == 1 else 's'}", class_=f"sum {'bad' if wrong else 'good'}"
    )
    setups = f"{len(runs)} setup{'' if len(runs) == 1 else 's'}"
    return element("p", badge, f" between proof and kernel in {situations} situations of {setups}.")


def _versions(runs: Sequence[LabRun], made: str | None) -> Element:
    entries = [
        ("kernel", joined(f"Linux {run.kernel}" for run in runs)),
        ("IKE daemon", joined(run.ike for run in runs)),
        ("sapper", joined(run.sapper for run in runs)),
        ("provider", joined(run.provider for run in runs)),
        ("duration", f"{sum(run.duration_s for run in runs):.0f} s"),
    ]
    if made:
        entries.append(("made", made))
    parts = [element(tag, text) for name, value in entries for tag, text in (("dt", name), ("dd", value))]
    return element("dl", *parts, class_="versions")


def _list(title: str, texts: Sequence[str]) -> Iterator[Element]:
    if texts:
        yield element("h3", title)
        yield element("ul", *(element("li", text) for text in dict.fromkeys(texts)))


def _setup(run: LabRun, number: int, captures: Sequence[Capture], directory: Path | None) -> Iterator[Element]:
    yield element("h2", run.title, id=f"setup-{number}", class_="first" if number == 1 else None)
    if run.nodes:
        yield element("div", topology(run, f"topology-{number}"), class_="wide")
    if run.frames:
        yield element("h3", "What the routers sent to the untrusted network")
        yield legend()
        yield element("div", timeline(run, f"timeline-{number}"), class_="wide")
    yield element("h3", "Predicted and seen")
    properties = mentioned(run)
    yield from (tunnel_table(tunnel, properties) for tunnel in run.tunnels)
    if captures:
        links = [_link(capture, directory) for capture in captures]
        yield element(
            "details",
            element("summary", f"Captures ({len(captures)} files)"),
            element("ul", *links, class_="captures"),
        )


def _link(capture: Capture, directory: Path | None) -> Element:
    path = os.path.relpath(capture.path, directory) if directory else str(capture.path)
    label = f"{capture.router} {capture.interface}, {capture.state}"
    packets = f" ({capture.packets} packet{'' if capture.packets == 1 else 's'})"
    return element("li", element("a", label, href=quote(path)), packets)
