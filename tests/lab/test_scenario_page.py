"""The page of a played scenario: each step with what it said, each look with its pictures, one number for it all."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from urllib.parse import unquote

import msgspec
from report_sample import run
from test_report_page import Outline

from sapper.lab.page.scenario import scenario_page
from sapper.lab.pcap import write_captures
from sapper.lab.played import Look, Played, StepResult
from sapper.lab.result import LabRun, TunnelState


def step(
    number: int, text: str, *, note: str = "", looks: tuple[Look, ...] = (), **words: tuple[str, ...]
) -> StepResult:
    wrong = (*words.get("wrong", ()), *(sentence for look in looks for sentence in look.wrong))
    saw = {"sent": 9, "path_mtu": None} if number == 2 else {}
    place = f"cut.toml:{number + 5}:1"
    return StepResult(
        number=number, place=place, text=text, note=note, saw=saw, looks=looks, wrong=wrong, took_s=1.25
    )


def played(wrong: str | None = None) -> Played:
    """Three steps, a look after the second, with a secretly dangerous note."""
    state = TunnelState(state="up", sent=5, delivered=5, esp=5, seen={"confidentiality": "proved"})
    look = Look(
        router="east",
        tunnel="tun0",
        row="up",
        state=state,
        predicted={"confidentiality": "proved"},
        wrong=(wrong,) if wrong else (),
    )
    steps = (step(0, "up"), step(1, 'wan-cut router="east"', note="<cut>", looks=(look,)), step(2, "send"))
    sample = run("east and west")
    shown = msgspec.structs.replace(look.state, state=steps[1].label, variant="up", agrees=wrong is None)
    return Played(
        title="WAN cut",
        kernel=sample.kernel,
        provider=sample.provider,
        ike=sample.ike,
        sapper=sample.sapper,
        steps=steps,
        shortened=(),
        run=looked_at(sample, steps[1].label, shown),
        duration_s=9.0,
    )


def looked_at(sample: LabRun, label: str, state: TunnelState) -> LabRun:
    tunnels = tuple(msgspec.structs.replace(item, states=(state,)) for item in sample.tunnels[:1])
    return msgspec.structs.replace(sample, tunnels=tunnels, frames={label: sample.frames["boot"]})


def test_every_step_is_told_and_nothing_comes_from_elsewhere() -> None:
    text = scenario_page(played())
    page = Outline(text)
    words = " ".join(page.text)
    assert "all as expected" in words
    for told in ("wan-cut", "<cut>", "sent 9, path_mtu unknown", '02 wan-cut router="east" (up)'):
        assert told in words
    assert not page.all("script")
    assert not re.search(r"url\(|@import|https?://", text)


def test_links_within_the_page_have_their_target() -> None:
    page = Outline(scenario_page(played()))
    idents = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(idents) == len(set(idents))
    targets = {attributes["href"] or "" for attributes in page.all("a")}
    assert {target[1:] for target in targets if target.startswith("#")} <= set(idents)


def test_what_was_not_as_expected_is_counted_and_said() -> None:
    words = " ".join(Outline(scenario_page(played("east tun0: clear 5, expected none"))).text)
    assert "1 not as expected" in words
    assert "east tun0: clear 5, expected none" in words
    assert "all as expected" not in words


def test_the_documents_in_the_page_are_the_scenarios_own() -> None:
    page = Outline(scenario_page(played()))
    (href,) = [
        attributes["href"] or "" for attributes in page.all("a") if attributes.get("download") == "sapper-lab.json"
    ]
    document = json.loads(base64.b64decode(href.partition("base64,")[2]))
    assert document["schema"] == "sapper/scenario/1"
    assert [item["event"] for item in document["steps"]] == ["up", 'wan-cut router="east"', "send"]


def test_written_captures_are_linked(tmp_path: Path) -> None:
    sample = played()
    written = write_captures([sample.run], tmp_path / "pcap")
    page = Outline(scenario_page(sample, written, tmp_path))
    linked = {unquote(attributes["href"] or "") for attributes in page.all("a")}
    assert {f"pcap/{capture.path.name}" for capture in written} <= linked
