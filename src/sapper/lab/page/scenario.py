"""The page of a played scenario: what happened step by step, then each look with its pictures as in a lab run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from sapper.lab.page.document import badge_of, header, setup, whole
from sapper.lab.page.situation import table
from sapper.lab.pcap import Capture
from sapper.lab.played import Played, StepResult
from sapper.lab.scenario_report import saw_words, scenario_report
from sapper.render.markup import element


def scenario_page(
    played: Played, captures: Sequence[Capture] = (), directory: Path | None = None, made: str | None = None
) -> str:
    """The HTML text. Captures are linked relative to ``directory``, where the page will lie; ``made`` is a date."""
    head = header([played.run], played.title, made, _sum(played), scenario_report(played))
    return whole(played.title, head, _main(played, captures, directory))


def _sum(played: Played) -> Element:
    wrong, steps = len(played.wrong), len(played.steps)
    badge = badge_of(f"{wrong} not as expected" if wrong else "all as expected", good=not wrong)
    broken = ", the last of which the lab could not do" if played.broken else ""
    return element("p", badge, f" in {steps} step{'' if steps == 1 else 's'} of a scenario{broken}.")


def _main(played: Played, captures: Sequence[Capture], directory: Path | None) -> Iterator[Element]:
    yield element("h2", "What happened", class_="first")
    yield table("The steps of the scenario", ("step", "event", "it reports", "took", "as expected"), _rows(played))
    yield from setup(played.run, 2, captures, directory)


def _rows(played: Played) -> list[Element]:
    return [_row(step) for step in played.steps]


def _row(step: StepResult) -> Element:
    event: list[Element | str] = [step.text]
    if step.note:
        event.append(element("div", step.note, class_="faint"))
    if step.wrong:
        said = element("td", *(element("div", sentence) for sentence in step.wrong))
    else:
        said = element("td", "✓" if step.looks or step.saw else "–")
    return element(
        "tr",
        element("th", str(step.number + 1), scope="row"),
        element("td", *event),
        element("td", saw_words(step.saw) or "–"),
        element("td", f"{step.took_s:.1f} s", class_="number"),
        said,
        class_="disagrees" if step.wrong else None,
    )
