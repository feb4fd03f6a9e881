"""The sizes against a real kernel: what fits, how long it is on the wire, and what the kernel itself tells.

``SAPPER_STACKS`` says how many stacks are measured; which ones is drawn anew for each seed in ``SAPPER_SEED``. Both
are printed, so that a run can be repeated.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dpkt
import pytest

from sapper.lab.guest import Guest
from sapper.lab.sweep import Answer, answers, drawn, request

pytestmark = pytest.mark.lab
STACKS = int(os.environ.get("SAPPER_STACKS", "400"))
SEED = int(os.environ.get("SAPPER_SEED", "2026"))
TOO_MUCH = {1: 8, 2: 12}
"""What ip6erspan forgets when it tells the path's MTU, by the version of ERSPAN: the header behind GRE's."""


@pytest.fixture(scope="module")
def measured() -> list[Answer]:
    print(f"SAPPER_STACKS={STACKS} SAPPER_SEED={SEED}")
    with Guest(boot_deadline_s=90) as guest:
        return list(_measure(guest))


def _measure(guest: Guest) -> Iterator[Answer]:
    assert guest.call({"do": "prepare-sweep"}, deadline_s=60)["ok"]
    count = 0
    for group in drawn(SEED):
        answer = guest.call({"do": "sweep", "groups": [request(group, keep=True)]}, deadline_s=120)
        assert answer["ok"], (answer, group[0].text, group[0].link_mtu)
        yield from answers(group, answer["groups"][0])
        count += len(group)
        if count >= STACKS:
            return


def test_the_largest_packet_fits_to_the_byte_and_one_more_does_not(measured: list[Answer]) -> None:
    wrong = [answer._replace(frames=()) for answer in measured if not answer.agrees]

    assert wrong == []
    assert len(measured) >= min(STACKS, 100)


def test_the_kernel_tells_the_path_mtu_that_it_reckons(measured: list[Answer]) -> None:
    """Where it tells one at all: a device whose packets may be fragmented tells none, one over another tells later."""
    told = [one for one in measured if one.told < 30000 and one.agrees and not one.case.device.remembers]

    assert told
    for answer in told:
        link = answer.case.device.link
        erspan = link.encapsulating.erspan if link is not None and link.encapsulating is not None else None
        forgotten = TOO_MUCH[erspan.version] if erspan is not None and answer.case.device.outer == 6 else 0
        assert answer.told == answer.case.told + forgotten, answer.case.text


def test_ipsec_makes_every_device_default_too_large(measured: list[Answer]) -> None:
    under_ipsec = [
        answer for answer in measured if answer.own_mtu is not None and answer.case.protection is not None
    ]
    device = [answer for answer in under_ipsec if answer.case.device.link and answer.case.device.link.encapsulating]

    assert device
    assert all(answer.own_mtu is not None and answer.own_mtu > answer.case.largest for answer in device)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_the_same_lengths_from_the_capture(measured: list[Answer], tmp_path: Path) -> None:
    capture = tmp_path / "stacks.pcap"
    with capture.open("wb") as stream:
        writer = dpkt.pcap.Writer(stream)
        for answer in measured:
            for frame in answer.frames:
                writer.writepkt(frame, ts=0)
    fields = [word for field in ("frame.len", "ip.len", "ipv6.plen") for word in ("-e", field)]
    command = ["tshark", "-r", str(capture), "-T", "fields", "-E", "occurrence=f", *fields]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()
    read = [[int(word) if word else 0 for word in line.split("\t")] for line in lines]
    expected = [(answer.case.text, wire) for answer in measured for wire in (*answer.seen, *answer.shorter)]

    assert len(read) == len(expected)
    for (length, ipv4, ipv6), (text, wire) in zip(read, expected, strict=True):
        assert length == wire + 14, text
        if text.startswith("ip"):
            assert (ipv6 + 40 if text.startswith("ipv6") else ipv4) == wire, text
