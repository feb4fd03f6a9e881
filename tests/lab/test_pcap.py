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
from report_sample import EAST, WEST, run

from sapper.lab.pcap import Capture, safe_name, write_captures
from sapper.lab.result import CapturedFrame


def packets(path: Path) -> list[tuple[float, bytes]]:
    with path.open("rb") as stream:
        return list(dpkt.pcapng.Reader(stream))


def test_every_router_interface_and_state_has_its_file(tmp_path: Path) -> None:
    sample = run()
    captures = write_captures([sample], tmp_path)
    assert len(captures) == 2 * len(sample.frames)
    assert sorted(capture.path for capture in captures) == sorted(tmp_path.iterdir())
    assert (tmp_path / "east-eth0-deleted-local.pcapng").exists()


def test_frames_and_times_read_back_unchanged(tmp_path: Path) -> None:
    sample = run()
    for capture in write_captures([sample], tmp_path):
        expected = sorted(
            (round(frame.time_s, 6), frame.frame)
            for frame in sample.frames[capture.state]
            if frame.router == capture.router
        )
        found = [(round(float(time), 6), bytes(content)) for time, content in packets(capture.path)]
        assert found == expected
        assert capture.packets == len(expected)


def test_a_silent_state_has_an_empty_capture(tmp_path: Path) -> None:
    sample = msgspec.structs.replace(run(), frames={**run().frames, "silent": ()})
    silent = [capture for capture in write_captures([sample], tmp_path) if capture.state == "silent"]
    assert [capture.packets for capture in silent] == [0, 0]
    assert packets(silent[0].path) == []


def test_two_runs_have_a_directory_each_even_with_alike_titles(tmp_path: Path) -> None:
    captures = write_captures([run("a: b"), run("a/ b")], tmp_path)
    assert {capture.path.parent for capture in captures} == {tmp_path / "a-b", tmp_path / "a-b-2"}


def test_states_whose_names_fall_together_keep_apart(tmp_path: Path) -> None:
    frames: dict[str, tuple[CapturedFrame, ...]] = {"up (x)": run().frames["up"], "up [x]": ()}
    captures = write_captures([msgspec.structs.replace(run(), frames=frames)], tmp_path)
    assert len({capture.path for capture in captures}) == len(captures) == 4


@given(st.text())
def test_a_safe_name_is_one_visible_path_component(text: str) -> None:
    name = safe_name(text)
    assert name
    assert name == Path(name).name
    assert not name.startswith((".", "-"))
    assert name.isascii()
    assert len(name) <= 80


def test_wireshark_reads_it(tmp_path: Path) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("no tshark")
    capture = find(write_captures([run()], tmp_path), "east", "boot")
    fields = ["-T", "fields", "-e", "frame.time_epoch", "-e", "ip.src", "-e", "ip.dst", "-e", "ip.proto"]
    listed = subprocess.run(
        [tshark, "-r", str(capture.path), *fields], capture_output=True, text=True, check=True, timeout=60
    )
    rows = [text.split("\t") for text in listed.stdout.splitlines()]
    assert [row[1:4] for row in rows] == [[EAST, WEST, "47"]] * 5
    assert float(rows[0][0]) == pytest.approx(0.05)


def test_the_section_comment_says_what_it_is(tmp_path: Path) -> None:
    capture = find(write_captures([run()], tmp_path), "west", "up")
    with capture.path.open("rb") as stream:
        content = stream.read()
    assert b"west eth0, state up" in content
    assert b"strongSwan 5.9.8" in content


def find(captures: list[Capture], router: str, state: str) -> Capture:
    return next(capture for capture in captures if (capture.router, capture.state) == (router, state))
