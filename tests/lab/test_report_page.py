"""The HTML page: whole, self-contained, escaped, and with everything that was counted in words too."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest
from report_sample import STATES, captured, frame, run

from sapper.lab.page.document import lab_page
from sapper.lab.page.packet import describe
from sapper.lab.page.timeline import timeline
from sapper.lab.pcap import write_captures
from sapper.lab.result import CapturedFrame, LabRun, Node, Wire

_VOID = {"meta", "link", "br", "img", "hr", "input"}


class Outline(HTMLParser):
    """Elements with their attributes; fails on tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_is_well_formed_and_takes_nothing_from_elsewhere() -> None:
    text = lab_page([run(), run("second", nat=True)])
    page = Outline(text)
    assert not page.all("script")
    assert not page.all("link")
    assert not re.search(r"url\(|@import|https?://", text)
    targets = [attributes["href"] or "" for attributes in page.all("a")]
    assert targets
    assert all(target.startswith("#") for target in targets)


def test_every_picture_has_a_title_and_a_description() -> None:
    page = Outline(lab_page([run(), run("second")]))
    idents = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(idents) == len(set(idents))
    pictures = [attributes for attributes in page.all("svg") if attributes.get("role") == "img"]
    assert len(pictures) == 4
    for attributes in pictures:
        named = (attributes["aria-labelledby"] or "").split()
        assert len(named) == 2
        assert set(named) <= set(idents)


def test_internal_links_have_their_target() -> None:
    page = Outline(lab_page([run("a"), run("b")]))
    idents = {attributes.get("id") for _, attributes in page.elements}
    targets = {(attributes["href"] or "")[1:] for attributes in page.all("a")}
    assert targets <= idents


def test_each_packet_sent_has_one_mark_with_its_addresses() -> None:
    sample = run()
    page = Outline(lab_page([sample]))
    drawn = [attributes for _, attributes in page.elements if (attributes.get("class") or "").startswith("mark ")]
    legend = 4
    assert len(drawn) - legend == sum(map(len, sample.frames.values()))
    assert "192.0.2.10 to 203.0.113.20, GRE" in " ".join(page.text)


def test_packets_that_only_arrived_are_not_drawn() -> None:
    arrived = msgspec.structs.replace(captured("east", 0.5, "clear-outer"), outgoing=False)
    sample = msgspec.structs.replace(run(), frames={"up": (arrived,)})
    assert not [node for node in timeline(sample, "t").iter() if node.get("class") == "mark clear-outer"]


def test_a_clear_packet_on_the_lan_is_no_leak_in_the_picture() -> None:
    inside = msgspec.structs.replace(captured("east", 0.5, "clear-inner"), interface="eth1")
    sample = msgspec.structs.replace(run(), frames={"up": (inside, captured("east", 0.1, "esp"))})
    drawn = timeline(sample, "t")
    assert not [node for node in drawn.iter() if node.get("class") in ("mark clear-inner", "row leak")]
    assert [node for node in drawn.iter() if node.get("class") == "mark esp"]


def test_marks_keep_their_order_and_do_not_cover_each_other() -> None:
    burst = tuple(captured("east", 0.1 + n / 10_000, "esp") for n in range(20))
    sample = msgspec.structs.replace(run(), frames={"up": burst})
    places = [float(node.get("cx", "")) for node in timeline(sample, "t").iter() if node.get("class") == "mark esp"]
    assert len(places) == 20
    assert all(second - first >= 10.9 for first, second in pairwise(places))


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "a&b\x1b[31m\x00"])
def test_names_are_escaped_wherever_they_stand(evil: str) -> None:
    sample = run(evil)
    hostile = msgspec.structs.replace(
        sample,
        kernel=evil,
        ike=evil,
        shortened=(evil,),
        assumptions=(evil,),
        nodes=(Node(evil, "router"), Node("b", "network")),
        wires=(Wire(f"{evil}:eth0", "b:x", (evil,)),),
        frames={evil: sample.frames["boot"]},
        tunnels=tuple(msgspec.structs.replace(tunnel, router=evil, tunnel=evil) for tunnel in sample.tunnels),
    )
    text = lab_page([hostile, sample])
    page = Outline(text)
    assert not page.all("script")
    assert not page.all("img")
    assert "\x1b" not in text
    assert "\x00" not in text


def test_a_disagreement_is_marked_at_the_top_and_in_its_row() -> None:
    page = Outline(lab_page([run(disagree="stopped")]))
    assert {"class": "sum bad"} in page.all("span")
    assert len([row for row in page.all("tr") if row.get("class") == "disagrees"]) == 2
    assert {"class": "sum good"} in Outline(lab_page([run()])).all("span")


def test_captures_are_linked_relative_to_the_page(tmp_path: Path) -> None:
    sample = run("a title with blanks")
    captures = write_captures([sample, run("other")], tmp_path / "pcap files")
    page = Outline(lab_page([sample], captures, tmp_path))
    links = [unquote(attributes["href"] or "") for attributes in page.all("a")]
    assert len(links) == 2 * len(STATES)
    assert all((tmp_path / link).is_file() for link in links)


def test_versions_and_shortened_timers_are_on_the_page() -> None:
    text = " ".join(Outline(lab_page([run()], made="2024-05-06")).text)
    for wanted in ("6.1.0-40-amd64", "strongSwan 5.9.8", "0.1.0", "hard lifetime 3600 s to 4 s", "2024-05-06"):
        assert wanted in text


def test_a_run_without_topology_and_frames_still_has_a_page() -> None:
    bare = LabRun(title="bare", provider="host", kernel="k", ike="i", sapper="s", tunnels=run().tunnels)
    assert "Predicted and seen" in " ".join(Outline(lab_page([bare])).text)


def test_a_topology_that_is_no_chain_keeps_all_its_nodes() -> None:
    nodes = tuple(Node(name, "router") for name in "abcd")
    wires = (Wire("a:0", "b:0"), Wire("a:1", "c:0"), Wire("a:2", "b:1"), Wire("x:0", "y:0"))
    sample = msgspec.structs.replace(run(), nodes=nodes, wires=wires)
    page = Outline(lab_page([sample]))
    assert len([node for node in page.all("rect") if node.get("class") == "node router"]) == 4


@pytest.mark.parametrize("content", [b"", b"\x00" * 13, b"\x00" * 12 + b"\x08\x00", b"\x00" * 12 + b"\x86\xdd\x60"])
def test_a_cut_off_frame_is_described_all_the_same(content: bytes) -> None:
    odd = CapturedFrame(time_s=0, router="r", interface="i", outgoing=True, frame=content)
    assert describe(odd).endswith(f"{len(content)} bytes")


def test_a_packet_is_described_by_its_headers() -> None:
    seen = CapturedFrame(
        time_s=0, router="r", interface="i", outgoing=True, frame=frame("10.0.0.1", "10.0.0.2", 50), category="esp"
    )
    assert describe(seen) == "esp, 10.0.0.1 to 10.0.0.2, ESP, 74 bytes"
