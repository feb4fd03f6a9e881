"""The tables of the page: all setups at a glance, and each tunnel of one setup with its counts."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from sapper.lab.page.situation import scrolling
from sapper.lab.result import LabRun, TunnelRun, TunnelState
from sapper.lab.table import common_situation, contradicts, situation, situations, verdict_word, worst
from sapper.render.markup import element

_COUNTS = (
    ("sent", "sent"),
    ("delivered", "delivered"),
    ("esp", "ESP"),
    ("clear_outer", "clear outer"),
    ("clear_inner", "clear inner"),
)


def overview(runs: Sequence[LabRun], prop: str) -> Element:
    """Situations down, setups across, in each cell ``predicted / seen``: the worse of all routers."""
    head = [element("th", "situation", scope="col")]
    head += [
        element("th", element("a", run.title, href=f"#setup-{number}"), scope="col")
        for number, run in enumerate(runs, 1)
    ]
    rows = [
        element("tr", element("th", name, scope="row"), *(_overview_cell(run, prop, name) for run in runs))
        for name in situations(runs)
    ]
    return _table(f"{prop}: predicted / seen", head, rows)


def tunnel_table(tunnel: TunnelRun, properties: Sequence[str]) -> Element:
    """One tunnel: every situation with each property ``predicted / seen``, and the packets counted."""
    head = [element("th", "situation", scope="col")]
    head += [element("th", prop, scope="col") for prop in properties]
    numbers = [*(title for _, title in _COUNTS), "injected got in"]
    head += [element("th", title, scope="col", class_="number") for title in numbers]
    head.append(element("th", "agree", scope="col"))
    rows = [_tunnel_row(state, properties) for state in tunnel.states]
    caption = (
        f"{tunnel.router} {tunnel.tunnel}: {tunnel.encapsulation}, protection {tunnel.protection}; predicted / seen"
    )
    return _table(caption, head, rows)


def ways(tunnel: TunnelRun) -> list[str]:
    """The events into every situation in which a property was predicted or seen to fail."""
    return [
        f"{situation(state)}: {'; '.join(state.events)}"
        for state in tunnel.states
        if state.events and "refuted" in (*state.predicted.values(), *state.seen.values())
    ]


def _table(caption: str, head: list[Element], rows: list[Element]) -> Element:
    return scrolling(
        caption,
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *head)),
            element("tbody", *rows),
        ),
    )


def _overview_cell(run: LabRun, prop: str, name: str) -> Element:
    states = [state for tunnel in run.tunnels for state in tunnel.states if common_situation(state) == name]
    if not states:
        return element("td", class_="none")
    predicted = worst([state.predicted.get(prop) for state in states])
    seen = worst([state.seen.get(prop) for state in states])
    text = f"{verdict_word(prop, predicted)} / {verdict_word(prop, seen)}"
    if any(contradicts(state, prop) for state in states):
        return element("td", f"{text} DISAGREES", class_="refuted disagrees")
    return element("td", text, class_=worst([predicted, seen]) or "none")


def _tunnel_row(state: TunnelState, properties: Sequence[str]) -> Element:
    cells = [element("th", situation(state), scope="row")]
    cells += [_compared_cell(state, prop) for prop in properties]
    cells += [element("td", str(getattr(state, name)), class_="number") for name, _ in _COUNTS]
    injected = f"{state.decapsulated} of {state.injected}" if state.injected else "–"
    cells.append(element("td", injected, class_="number"))
    cells.append(element("td", "✓" if state.agrees else "DISAGREES"))
    return element("tr", *cells, class_=None if state.agrees else "disagrees")


def _compared_cell(state: TunnelState, prop: str) -> Element:
    predicted, seen = state.predicted.get(prop), state.seen.get(prop)
    kind = worst([predicted, seen]) or "none"
    text = f"{predicted or '–'} / {seen or '–'}"
    return element("td", text, class_=f"{kind} disagrees" if contradicts(state, prop) else kind)
