"""The HTML page: whole, self-contained, escaped, and with everything that was counted in words too."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from itertools import combinations, pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import dpkt
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_sample import STATES, captured, frame, hub, run

from sapper.lab.attribution import accounts
from sapper.lab.describe import headers
from sapper.lab.dissect import dissect
from sapper.lab.page.document import lab_page
from sapper.lab.page.layout import lay_out
from sapper.lab.page.marks import LOOKS
from sapper.lab.page.timeline import timeline
from sapper.lab.page.topology import topology
from sapper.lab.pcap import write_captures
from sapper.lab.result import (
    Association,
    CapturedFrame,
    Flow,
    LabRun,
    Node,
    NodeCounters,
    Observed,
    Sending,
    Wire,
)

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


def drawn_timeline(sample: LabRun) -> Element:
    return timeline(sample, accounts(sample), "t", {})


def test_the_page_is_well_formed_and_takes_nothing_from_elsewhere() -> None:
    text = lab_page([run(), run("second", nat=True)])
    page = Outline(text)
    assert not page.all("script")
    assert [attributes["href"] for attributes in page.all("link")] == ["data:,"]  # else a browser asks for an icon
    assert not re.search(r"url\(|@import|https?://", text)
    targets = [attributes["href"] or "" for attributes in page.all("a")]
    assert targets
    assert all(target.startswith(("#", "data:")) for target in targets)


def test_every_picture_has_a_title_and_a_description() -> None:
    page = Outline(lab_page([run(), run("second")]))
    idents = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(idents) == len(set(idents))
    pictures = [attributes for attributes in page.all("svg") if attributes.get("role") in ("img", "group")]
    assert len(pictures) == 4
    for attributes in pictures:
        named = (attributes["aria-labelledby"] or "").split()
        assert len(named) == 2
        assert set(named) <= set(idents)


def test_internal_links_have_their_target() -> None:
    page = Outline(lab_page([run("a"), run("b")]))
    idents = {attributes.get("id") for _, attributes in page.elements}
    targets = {(attributes["href"] or "") for attributes in page.all("a")}
    assert {target[1:] for target in targets if target.startswith("#")} <= idents


def test_each_packet_sent_has_one_mark_with_its_addresses() -> None:
    sample = run()
    page = Outline(lab_page([sample]))
    drawn = [attributes for _, attributes in page.elements if (attributes.get("class") or "").startswith("mark ")]
    assert len(drawn) - len(LOOKS) == sum(map(len, sample.frames.values()))
    assert "192.0.2.10 to 203.0.113.20 GRE" in " ".join(page.text)


def test_packets_that_only_arrived_are_not_drawn() -> None:
    arrived = msgspec.structs.replace(captured("east", 0.5, "clear-outer"), outgoing=False)
    sample = msgspec.structs.replace(run(), frames={"up": (arrived,)})
    assert not [node for node in drawn_timeline(sample).iter() if node.get("class") == "mark clear-outer"]


def test_a_clear_packet_on_the_lan_is_no_leak_in_the_picture() -> None:
    inside = msgspec.structs.replace(captured("east", 0.5, "clear-inner"), interface="eth1")
    sample = msgspec.structs.replace(run(), frames={"up": (inside, captured("east", 0.1, "esp"))})
    drawn = drawn_timeline(sample)
    assert not [node for node in drawn.iter() if node.get("class") in ("mark clear-inner", "row leak")]
    assert [node for node in drawn.iter() if node.get("class") == "mark encrypted"]


def test_marks_keep_their_order_and_do_not_cover_each_other() -> None:
    burst = tuple(captured("east", 0.1 + n / 10_000, "esp") for n in range(20))
    sample = msgspec.structs.replace(run(), frames={"up": burst})
    places = [
        float(node.get("cx", "")) for node in drawn_timeline(sample).iter() if node.get("class") == "mark encrypted"
    ]
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
    links = [link for link in links if not link.startswith(("#", "data:"))]
    assert len(links) == 4 * len(STATES)
    assert all((tmp_path / link).is_file() for link in links)


def opened(link: str) -> bytes:
    """What a link into the page itself gives."""
    return base64.b64decode(link.partition(";base64,")[2])


def test_what_was_not_written_is_in_the_page() -> None:
    logs = {"east charon.log": "established\n"}
    observed = {label: Observed(logs=logs) for label in ("boot", "up")}
    sample = msgspec.structs.replace(run(), observed=observed)
    page = Outline(lab_page([sample]))
    given = {
        attributes["download"]: attributes["href"] or "" for attributes in page.all("a") if "download" in attributes
    }
    assert json.loads(opened(given["sapper-lab.json"]))["schema"] == "sapper/lab/1"
    log = next(link for name, link in given.items() if name and name.endswith("charon.log.txt"))
    assert opened(log).decode() == "===== boot\nestablished\n\n===== up\nestablished\n"
    captures = [opened(link) for name, link in given.items() if name and name.endswith(".pcapng")]
    assert len(captures) == len(sample.frames)
    assert [len(list(dpkt.pcapng.Reader(io.BytesIO(found)))) for found in captures] == [
        len(frames) for frames in sample.frames.values()
    ]


def test_counters_and_sas_are_on_the_page() -> None:
    seen = Observed(
        counters=(NodeCounters(node="west", xfrm={"XfrmInTmplMismatch": 5}, links={"eth0 rx_dropped": 2}),),
        associations=(Association("east", 0xC1234567, "192.0.2.10", "203.0.113.20", "tunnel", 1, 15),),
    )
    text = " ".join(Outline(lab_page([msgspec.structs.replace(run(), observed={"up": seen})])).text)
    for wanted in ("XfrmInTmplMismatch", "eth0 rx_dropped", "c1234567"):
        assert wanted in text


def test_the_label_of_a_row_leads_to_its_situation() -> None:
    page = Outline(lab_page([run()]))
    targets = [attributes.get("id") for attributes in page.all("div")]
    links = [attributes["href"] or "" for attributes in page.all("a") if "state" in (attributes["href"] or "")]
    assert len(links) == len(STATES)
    assert all(link[1:] in targets for link in links)


@pytest.mark.parametrize("spokes", [1, 2, 3, 20])
def test_a_hub_with_any_number_of_spokes_has_all_boxes_apart(spokes: int) -> None:
    sample = hub(spokes)
    boxes = list(lay_out(sample, 0.0).boxes.values())
    assert {box.node.name for box in boxes} == {node.name for node in sample.nodes}
    for a, b in combinations(boxes, 2):
        beside = a.right <= b.x or b.right <= a.x
        assert beside or a.y + a.height <= b.y or b.y + b.height <= a.y, (a, b)


def test_a_router_spans_the_rows_of_its_hosts() -> None:
    names = ("net", "a", "b", "a1", "a2", "a3", "b1", "b2", "c")
    nodes = tuple(Node(name, "network" if name == "net" else "router") for name in names)
    wires = tuple(Wire(f"{a}:x", f"{b}:y") for a, b in (("net", "a"), ("net", "b"), ("net", "c")))
    wires += tuple(Wire(f"{name[0]}:{name}", f"{name}:y") for name in names if len(name) == 2)
    boxes = lay_out(msgspec.structs.replace(run(), nodes=nodes, wires=wires), 0.0).boxes
    for outer, inner in (("a", ("a1", "a2", "a3")), ("b", ("b1", "b2")), ("net", ("a", "b", "c"))):
        for name in inner:
            assert boxes[outer].y <= boxes[name].y
            assert boxes[name].y + boxes[name].height <= boxes[outer].y + boxes[outer].height
    for a, b in combinations(boxes.values(), 2):
        assert a.right <= b.x or b.right <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y, (a, b)


def test_a_hub_stands_alone_on_its_side() -> None:
    boxes = lay_out(hub(6), 0.0).boxes
    assert all(boxes["hub"].x < boxes["net"].x < boxes[f"spoke{number}"].x for number in range(1, 7))


NODES = st.integers(1, 9).flatmap(
    lambda count: st.tuples(
        st.lists(st.sampled_from(["router", "network", "nat", "host"]), min_size=count, max_size=count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=14),
    )
)


@given(NODES)
def test_any_graph_is_drawn_with_all_its_nodes_and_wires(graph: tuple[list[str], list[tuple[int, int]]]) -> None:
    roles, ends = graph
    nodes = tuple(Node(f"n{at}", role) for at, role in enumerate(roles))  # type: ignore[arg-type]
    wires = tuple(Wire(f"n{a}:a{at}", f"n{b}:b{at}") for at, (a, b) in enumerate(ends))
    sample = msgspec.structs.replace(run(), nodes=nodes, wires=wires)
    drawn = topology(sample, "t")
    kinds = [node.get("class") or "" for node in drawn.iter()]
    assert sum(kind.startswith("node") for kind in kinds) == len(nodes)
    assert sum(kind.startswith("wire") for kind in kinds) == sum(a != b for a, b in ends)
    layout = lay_out(sample, 0.0)
    for a, b in combinations(layout.boxes.values(), 2):
        assert a.right <= b.x or b.right <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


def test_dropped_and_forged_packets_have_marks() -> None:
    token = "sapper:east:tun0:0"
    flow = Flow(
        token=token,
        router="east",
        tunnel="tun0",
        node="east",
        source=None,
        destination="10.2.0.1",
        protocol=17,
        count=5,
    )
    attack = frame("203.0.113.20", "192.0.2.10", 47, b"\0\0\x08\0" + b"sapper:forged:east:tun0|")
    arrived = CapturedFrame(time_s=0.4, router="east", interface="eth0", outgoing=False, frame=attack)
    observed = {"up": Observed(sent=(Sending(token, 0.1),))}
    sample = msgspec.structs.replace(run(), frames={"up": (arrived,)}, flows=(flow,), observed=observed)
    kinds = [node.get("class") for node in drawn_timeline(sample).iter()]
    assert kinds.count("mark dropped") == 5
    assert kinds.count("mark forged") == 1


def test_every_text_has_enough_contrast_by_day_and_by_night() -> None:
    """WCAG 2.1, 1.4.3: 4.5 to 1."""
    style = files("sapper.lab.page").joinpath("page.css").read_text("utf-8")
    day, night = (dict(re.findall(r"--(\w+): (#[0-9a-f]+)", part)) for part in style.split("@media", 2)[:2])
    for colours in (day, night):
        for text in ("ink", "faint", "red", "orange", "green", "blue", "yellow", "purple"):
            assert _contrast(colours[text], colours["ground"]) >= 4.5, text
        for text in ("ink", "faint", "red", "green"):
            assert _contrast(colours[text], colours["panel"]) >= 4.5, text
        for text in ("ink", "faint", "red", "blue"):
            assert _contrast(colours[text], colours["leak"]) >= 4.5, text


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_shortest_ways_into_what_fails_are_on_the_page() -> None:
    page = lab_page([run()])
    assert "Shortest ways into what fails on east tun0" in page
    assert "deleted (local): boot; what leads to deleted" in page
    assert "what leads to up" not in page


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
    assert headers(dissect(content)).startswith("ethertype 0x")


def test_a_packet_is_described_by_its_headers() -> None:
    assert headers(dissect(frame("10.0.0.1", "10.0.0.2", 50))) == "10.0.0.1 to 10.0.0.2 ESP"
