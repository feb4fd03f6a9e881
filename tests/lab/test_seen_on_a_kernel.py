"""What a person sees of a real run: every packet accounted for, whose each is, counters, logs without keys, captures."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tshark_kinds import tshark_kinds

from sapper.cli.lab import prepare_files
from sapper.lab.attribution import Account, SeenPacket, accounts
from sapper.lab.guest import Guest
from sapper.lab.observe import secrets_of
from sapper.lab.page.document import lab_page
from sapper.lab.pcap import capture_of, wires_of, write_captures
from sapper.lab.report import lab_report
from sapper.lab.result import LabRun
from sapper.lab.run import Setup, run_pair
from sapper.lab.situations import flow_reports

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
PAIR = [str(ROOT / "examples/nat-blackhole" / name) for name in ("east.set", "west.set")]


@pytest.fixture(scope="module")
def setup() -> Setup:
    return prepare_files(PAIR, "east")


@pytest.fixture(scope="module")
def run(setup: Setup) -> LabRun:
    """East behind NAT in tunnel mode: behind a blackhole nothing leaves before the SA is up, and all of it after."""
    with Guest() as guest:
        return run_pair(setup, guest, lambda _: None, frozenset({"negotiating", "up", "flushed"}))


@pytest.fixture(scope="module")
def found(run: LabRun) -> dict[str, Account]:
    return accounts(run)


def test_every_packet_that_was_sent_is_accounted_for(run: LabRun, found: dict[str, Account]) -> None:
    fates = defaultdict(list)
    for label, account in found.items():
        for flow in flow_reports(run, account, run.observed[label]):
            assert flow.sent == flow.clear + flow.encrypted + flow.dropped, (label, flow)
            fates[label].append((flow.clear, flow.encrypted, flow.dropped))
    assert len(fates["up"]) == len(run.flows) > 2
    assert set(fates["up"]) == {(0, 5, 0)}
    assert {encrypted for _, encrypted, _ in fates["negotiating"]} == {0}
    assert (0, 0, 5) in fates["negotiating"]


def test_what_comes_out_of_the_esp_packet_is_what_was_said_of_it(found: dict[str, Account]) -> None:
    """The receiver's kernel shows each packet once more after it has decrypted it: the inference can be checked."""
    checked = 0
    for _, packets in _by_end(found["up"]):
        esp = [packet.flow for packet in packets if packet.ticket and not packet.frame.outgoing]
        echoes = [packet.flow for packet in packets if packet.echo]
        if echoes:
            assert echoes == esp
            checked += len(echoes)
    assert checked >= 20


def test_clear_packets_were_put_on_a_wire_by_somebody_or_are_known_as_echoes(found: dict[str, Account]) -> None:
    for packet in found["up"].packets:
        if packet.kind.startswith("clear") and packet.frame.interface == "eth0" and not packet.frame.outgoing:
            assert packet.echo or packet.flow == f"sapper:forged:{packet.frame.router}:tun0"


def test_wireshark_agrees_on_every_packet(run: LabRun, found: dict[str, Account], tmp_path: Path) -> None:
    for label, account in found.items():
        path = tmp_path / "all.pcapng"
        path.write_bytes(capture_of(run, label, account, wires_of(run)))
        assert tshark_kinds(path) == [packet.kind for packet in account.packets], label


def test_the_kernels_know_the_sas_that_are_on_the_wire(run: LabRun, found: dict[str, Account]) -> None:
    spoken = {packet.ticket.spi for packet in found["up"].packets if packet.ticket}
    for node in ("east", "west"):
        assert spoken <= {item.spi for item in run.observed["up"].associations if item.node == node}


def test_the_kernels_counted_the_forged_packets_and_told_what_else_they_dropped(run: LabRun) -> None:
    counters = {entry.node: entry for entry in run.observed["up"].counters}
    assert [counters[node].xfrm.get("XfrmInTmplMismatch") for node in ("east", "west")] == [5, 5]
    assert "nft" in msgspec.to_builtins(counters["east"])


def test_nat_counts_in_its_rule(run: LabRun) -> None:
    counted = [
        entry.nft for observed in run.observed.values() for entry in observed.counters if entry.node == "nat"
    ]
    assert any("postrouting" in name for rules in counted for name in rules)


def test_logs_tell_the_story_and_no_key(setup: Setup, run: LabRun) -> None:
    logs = run.observed["up"].logs
    assert {"east charon.log", "west charon.log"} <= set(logs)
    assert all("established" in text for name, text in logs.items() if name.endswith("charon.log"))
    secrets = list(secrets_of(side.plan for side in setup.sides))
    assert len(secrets) > 1
    page = lab_page([run])
    document = msgspec.json.encode(lab_report([run])).decode()
    for secret in secrets:
        assert not any(secret in text for observed in run.observed.values() for text in observed.logs.values())
        assert secret not in page + document


def test_both_sides_of_the_nat_box_have_captures_that_can_be_read(run: LabRun, tmp_path: Path) -> None:
    written = {capture.path.name: capture for capture in write_captures([run], tmp_path)}
    ends = ("east-eth0", "east-eth1", "nat-in", "nat-out", "west-eth0", "west-eth1")
    assert {f"{end}-up.pcapng" for end in ends} <= set(written)
    capinfos = shutil.which("capinfos")
    if capinfos is None:
        pytest.skip("no capinfos")
    for capture in written.values():
        told = subprocess.run([capinfos, "-c", "-M", str(capture.path)], capture_output=True, text=True, check=True)
        assert told.stdout.split()[-1] == str(capture.packets)


def test_the_clock_of_the_captures_is_finer_than_the_kernels_tick(run: LabRun) -> None:
    """Without a clock source the guest counts in ticks of 4 ms, and the order of packets is lost."""
    times = {round(frame.time_s * 1e9) for frames in run.frames.values() for frame in frames}
    gaps = sorted(b - a for a, b in zip(sorted(times), sorted(times)[1:], strict=False))
    assert gaps[len(gaps) // 2] < 4_000_000


def _by_end(account: Account) -> Iterator[tuple[tuple[str, str], list[SeenPacket]]]:
    found: dict[tuple[str, str], list[SeenPacket]] = defaultdict(list)
    for packet in account.packets:
        found[packet.frame.router, packet.frame.interface].append(packet)
    yield from found.items()
