"""Every kind of packet is told apart, and Wireshark thinks the same of each."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from frames_of_every_kind import FRAMES
from report_sample import run
from tshark_kinds import tshark_kinds

from sapper.lab.attribution import accounts
from sapper.lab.classify import kind_of
from sapper.lab.pcap import capture_of
from sapper.lab.result import CapturedFrame


@pytest.mark.parametrize("name", FRAMES)
def test_each_kind(name: str) -> None:
    frame, kind = FRAMES[name]
    assert kind_of(frame) == kind


def test_wireshark_agrees_on_every_kind(tmp_path: Path) -> None:
    frames = tuple(
        CapturedFrame(time_s=at / 1000, router="east", interface="eth0", outgoing=True, frame=frame)
        for at, (frame, _) in enumerate(FRAMES.values())
    )
    sample = msgspec.structs.replace(run(), frames={"up": frames})
    path = tmp_path / "kinds.pcapng"
    path.write_bytes(capture_of(sample, "up", accounts(sample)["up"], [("east", "eth0")]))

    found = dict(zip(FRAMES, tshark_kinds(path), strict=True))

    assert found == {name: kind for name, (_, kind) in FRAMES.items()}
