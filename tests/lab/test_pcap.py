"""Captures: one pcapng for each router, interface and state, read back by another reader where there is one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import dpkt
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_sample import EAST, WEST, captured, run

from sapper.lab.attribution import accounts
from sapper.lab.pcap import Capture, capture_of, safe_name, wires_of, write_captures
from sapper.lab.result import CapturedFrame

ENDS = (("east", "eth0"), ("east", "eth1"), ("west", "eth0"), ("west", "eth1"))


def packets(path: Path) -> list[tuple[float, bytes]]:
    with path.open("rb") as stream:
        return list(dpkt.pcapng.Reader(stream))


def fields(path: Path, *names: str) -> list[list[str]]:
    """What Wireshark reads of each packet; skips without it."""
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("no tshark")
    words = [tshark, "-r", str(path), "-T", "fields", *(word for name in names for word in ("-e", name))]
    listed = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return [text.split("\t") for text in listed.stdout.splitlines()]


def test_every_router_interface_and_state_has_its_file(tmp_path: Path) -> None:
    sample = run()
    captures = write_captures([sample], tmp_path)
    assert len(captures) == len(ENDS) * len(sample.frames)
    assert {(capture.router, capture.interface) for capture in captures} == set(ENDS)
    assert sorted(capture.path for capture in captures) == sorted(tmp_path.iterdir())
    assert (tmp_path / "east-eth0-deleted-local.pcapng").exists()


def test_frames_and_times_read_back_unchanged(tmp_path: Path) -> None:
    sample = run()
    for capture in write_captures([sample], tmp_path):
        expected = sorted(
            (round(frame.time_s, 6), frame.frame)
            for frame in sample.frames[capture.state]
            if (frame.router, frame.interface) == (capture.router, capture.interface)
        )
        found = [(round(float(time), 6), bytes(content)) for time, content in packets(capture.path)]
        assert found == expected
        assert capture.packets == len(expected)


def test_a_silent_state_has_an_empty_capture(tmp_path: Path) -> None:
    sample = msgspec.structs.replace(run(), frames={**run().frames, "silent": ()})
    silent = [capture for capture in write_captures([sample], tmp_path) if capture.state == "silent"]
    assert [capture.packets for capture in silent] == [0, 0, 0, 0]
    assert packets(silent[0].path) == []


def test_two_runs_have_a_directory_each_even_with_alike_titles(tmp_path: Path) -> None:
    captures = write_captures([run("a: b"), run("a/ b")], tmp_path)
    assert {capture.path.parent for capture in captures} == {tmp_path / "a-b", tmp_path / "a-b-2"}


def test_states_whose_names_fall_together_keep_apart(tmp_path: Path) -> None:
    frames: dict[str, tuple[CapturedFrame, ...]] = {"up (x)": run().frames["up"], "up [x]": ()}
    captures = write_captures([msgspec.structs.replace(run(), frames=frames)], tmp_path)
    assert len({capture.path for capture in captures}) == len(captures) == 2 * len(ENDS)


def test_both_sides_of_a_nat_box_are_captured(tmp_path: Path) -> None:
    written = {capture.path.name for capture in write_captures([run(nat=True)], tmp_path)}
    assert {"nat-inside-up.pcapng", "nat-outside-up.pcapng"} <= written
    assert not [name for name in written if name.startswith(("internet", "east-lan"))]


@given(st.text())
def test_a_safe_name_is_one_visible_path_component(text: str) -> None:
    name = safe_name(text)
    assert name
    assert name == Path(name).name
    assert not name.startswith((".", "-"))
    assert name.isascii()
    assert len(name) <= 80


def test_wireshark_reads_addresses_times_interface_direction_and_kind(tmp_path: Path) -> None:
    odd = msgspec.structs.replace(captured("east", 1.0, "esp"), time_s=1.000000007, outgoing=False)
    frames = {"boot": (*run().frames["boot"], odd)}
    capture = find(write_captures([msgspec.structs.replace(run(), frames=frames)], tmp_path), "east", "boot")
    names = ("ip.src", "ip.dst", "ip.proto", "frame.interface_name", "frame.packet_flags_direction")
    rows = fields(capture.path, "frame.time_epoch", "frame.comment", *names)
    assert [row[2:] for row in rows[:5]] == [[EAST, WEST, "47", "eth0", "0x00000002"]] * 5
    assert rows[5][6] == "0x00000001"
    assert float(rows[0][0]) == pytest.approx(0.05)
    assert rows[5][0].endswith("1.000000007")
    assert rows[0][1].startswith(f"tunnel packet in clear; {EAST} to {WEST} GRE")
    assert rows[5][1].startswith("ESP; ")


def test_a_packet_at_the_very_beginning_keeps_its_time(tmp_path: Path) -> None:
    first = msgspec.structs.replace(captured("east", 0.0, "esp"), time_s=0.0)
    sample = msgspec.structs.replace(run(), frames={"up": (first,)})
    capture = find(write_captures([sample], tmp_path), "east", "up")
    assert [float(time) for time, _ in packets(capture.path)] == [0.0]


def test_several_wires_fit_into_one_file(tmp_path: Path) -> None:
    sample = run()
    content = capture_of(sample, "up", accounts(sample)["up"], wires_of(sample))
    path = tmp_path / "all.pcapng"
    path.write_bytes(content)
    rows = fields(path, "frame.interface_name", "ip.src")
    assert len(rows) == len(sample.frames["up"])
    assert {tuple(row) for row in rows} == {("east:eth0", EAST), ("west:eth0", WEST)}


def test_the_section_comment_says_what_it_is(tmp_path: Path) -> None:
    capture = find(write_captures([run()], tmp_path), "west", "up")
    with capture.path.open("rb") as stream:
        content = stream.read()
    assert b"west eth0, state up" in content
    assert b"strongSwan 5.9.8" in content


def find(captures: list[Capture], router: str, state: str) -> Capture:
    """The capture of a router's outer interface."""
    return next(
        capture
        for capture in captures
        if (capture.router, capture.interface, capture.state) == (router, "eth0", state)
    )
