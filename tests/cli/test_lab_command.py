"""``sapper lab``: options, output and exit status, with the guest and the run replaced by made-up ones."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sample_configs import SECRET

from sapper.__main__ import main
from sapper.cli import lab, lab_play
from sapper.lab.played import Played
from sapper.lab.result import CapturedFrame, LabRun, TunnelRun, TunnelState
from sapper.lab.unavailable import GuestHung

END = f"""\
set interfaces ethernet eth0 address {{here}}/24
set interfaces ethernet eth1 address {{lan}}.1/24
set interfaces tunnel tun0 address {{inside}}/30
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 source-address {{here}}
set interfaces tunnel tun0 remote {{there}}
set protocols static route 0.0.0.0/0 next-hop {{here}}9
set vpn ipsec authentication psk other id {{there}}
set vpn ipsec authentication psk other secret {SECRET}
set vpn ipsec esp-group ESP mode transport
set vpn ipsec ike-group IKE key-exchange ikev2
set vpn ipsec site-to-site peer other authentication mode pre-shared-secret
set vpn ipsec site-to-site peer other default-esp-group ESP
set vpn ipsec site-to-site peer other ike-group IKE
set vpn ipsec site-to-site peer other local-address {{here}}
set vpn ipsec site-to-site peer other remote-address {{there}}
set vpn ipsec site-to-site peer other tunnel 1 protocol gre
"""
EAST, WEST = "192.0.2.1", "203.0.113.2"


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "east.set").write_text(END.format(here=EAST, there=WEST, lan="192.168.1", inside="10.0.0.1"))
    (tmp_path / "west.set").write_text(END.format(here=WEST, there=EAST, lan="192.168.2", inside="10.0.0.2"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Booted:
    """Stands in for the guest and the run, and remembers what was asked."""

    def __init__(self, agrees: bool = True) -> None:
        self.agrees = agrees
        self.states: frozenset[str] = frozenset()
        self.nat: str | None = None

    @contextmanager
    def guest(self, progress: Callable[[str], None]) -> Iterator[None]:
        progress("booting")
        yield

    def run_pair(self, setup: Any, guest: None, progress: Callable[[str], None], states: frozenset[str]) -> LabRun:
        self.states, self.nat = states, setup.topology.behind_nat
        progress("up")
        state = TunnelState(
            state="up",
            sent=5,
            esp=5,
            seen={"confidentiality": "proved"},
            predicted={"confidentiality": "proved" if self.agrees else "refuted"},
            agrees=self.agrees,
        )
        tunnel = TunnelRun(router="east", tunnel="tun0", encapsulation="gre", protection="ipsec", states=(state,))
        frame = CapturedFrame(time_s=0.1, router="east", interface="eth0", outgoing=True, frame=bytes(60))
        return LabRun(
            title=setup.title,
            provider="vm:tcg",
            kernel="6.1.0",
            ike="strongSwan 5.9.8",
            sapper="0",
            tunnels=(tunnel,),
            nodes=setup.topology.nodes_for_report(),
            wires=setup.topology.wires_for_report(),
            frames={"up": (frame,)},
        )


@pytest.fixture
def booted(monkeypatch: pytest.MonkeyPatch) -> Booted:
    stand_in = Booted()
    monkeypatch.setattr(lab, "open_place", lambda options, progress: stand_in.guest(progress))
    monkeypatch.setattr(lab, "run_pair", stand_in.run_pair)
    return stand_in


def test_json_goes_to_standard_output_alone(pair: Path, booted: Booted, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "run", "east.set", "west.set", "--format", "json"]) == 0
    written = capsys.readouterr()
    parsed = json.loads(written.out)
    assert parsed["schema"] == "sapper/lab/1"
    assert parsed["disagreements"] == 0
    assert written.err == "booting\nup\n"


def test_a_disagreement_is_exit_1(pair: Path, booted: Booted, capsys: pytest.CaptureFixture[str]) -> None:
    booted.agrees = False
    assert main(["lab", "run", "east.set", "west.set"]) == 1
    assert "DISAGREES" in capsys.readouterr().out


def test_states_and_nat_reach_the_run(pair: Path, booted: Booted) -> None:
    assert main(["lab", "run", "east.set", "west.set", "--states", "up, deleted"]) == 0
    assert booted.states == {"up", "deleted"}
    assert booted.nat is None
    main(["lab", "run", "east.set", "west.set", "--states", "all"])
    assert len(booted.states) == 10


def test_page_and_captures_are_written_without_the_key(
    pair: Path, booted: Booted, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["lab", "run", "east.set", "west.set", "--pcap", "pcap", "--report", "out/page.html"]
    assert main(words) == 0
    wires = ("east-eth0", "east-eth1", "west-eth0", "west-eth1")
    assert sorted(path.name for path in Path("pcap").iterdir()) == [f"{wire}-up.pcapng" for wire in wires]
    page = Path("out/page.html").read_text()
    assert "../pcap/east-eth0-up.pcapng" in page
    written = capfd.readouterr()
    assert SECRET not in written.out + written.err + page


SCENARIO = """\
title = "nothing happens"
[[step]]
up = true
[[step.expect]]
router = "east"
packets = "encrypted"
"""


def test_a_scenario_has_a_page_and_captures_too(
    pair: Path, booted: Booted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def play(setup: Any, scenario: Any, guest: None, progress: Callable[[str], None]) -> Played:
        run = booted.run_pair(setup, guest, progress, frozenset())
        return Played(
            title=scenario.title,
            kernel="6.1.0",
            provider="vm:tcg",
            ike="strongSwan 5.9.8",
            sapper="0",
            steps=(),
            shortened=(),
            run=run,
            duration_s=1.0,
        )

    monkeypatch.setattr(lab_play, "play", play)
    Path("nothing.toml").write_text(SCENARIO)
    words = ["lab", "run", "east.set", "west.set", "--scenario", "nothing.toml"]
    assert main([*words, "--pcap", "pcap", "--report", "out/page.html"]) == 0
    assert capsys.readouterr().err == "booting\nup\n4 captures below pcap\npage in out/page.html\n"
    page = Path("out/page.html").read_text()
    assert "sapper lab: nothing happens" in page
    assert "../pcap/east-eth0-up.pcapng" in page
    assert main([*words, "--report", "nothing.toml/page.html"]) == 3


def test_a_place_that_cannot_be_written_is_exit_3(
    pair: Path, booted: Booted, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").touch()
    assert main(["lab", "run", "east.set", "west.set", "--report", "file/page.html"]) == 3
    assert capsys.readouterr().err.splitlines()[-1].startswith("sapper lab run: file")


ONE_LINE_ERRORS = {
    ("east.set",): "east.set:12:33: one configuration makes no pair; give the other router's as the second CONFIG",
    ("dummy.set",): "dummy.set:1:1: one configuration makes no pair; it has no site-to-site peer",
    ("east.set", "dummy.set"): "dummy.set:1:1: there is no site-to-site peer, so there is nothing to run",
    (
        "east.set",
        "west.set",
        "dummy.set",
    ): "dummy.set:1:1: there is no site-to-site peer, so there is nothing to run",
    ("east.set", "west.set", "--topology", "no.toml"): "no.toml:1:1: No such file or directory",
    ("east.set", "nowhere"): "nowhere:1:1: No such file or directory",
    ("east.set", "west.set", "--nat", "north"): "sapper lab run: --nat north: no such router;"
    " the routers are east and west",
}


@pytest.mark.parametrize("words", ONE_LINE_ERRORS, ids=" ".join)
def test_what_makes_no_pair_is_named_in_one_line(
    words: tuple[str, ...], pair: Path, booted: Booted, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("dummy.set").write_text("set interfaces dummy dum0 address 10.9.0.1/32\n")
    assert main(["lab", "run", *words]) == 2
    written = capsys.readouterr()
    assert (written.err, written.out) == (ONE_LINE_ERRORS[words] + "\n", "")


def test_unreadable_text_is_named_with_its_place(
    pair: Path, booted: Booted, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("west.set").write_text("\nhello\n")
    assert main(["lab", "run", "east.set", "west.set"]) == 2
    assert capsys.readouterr().err.startswith("west.set:2:1: ")


def test_no_kernel_is_one_line_and_exit_3(
    pair: Path, booted: Booted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hung(options: Namespace, progress: Callable[[str], None]) -> None:
        raise GuestHung("no guest after 2 tries\nin 90 s")

    monkeypatch.setattr(lab, "open_place", hung)
    assert main(["lab", "run", "east.set", "west.set"]) == 3
    assert capsys.readouterr().err == "sapper lab run: no guest after 2 tries in 90 s\n"
    assert main(["lab", "run", "east.set", "west.set", "--provider", "host"]) == 3


def test_list_names_every_state(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert {"boot", "up", "deleted (dpd)", "flushed"} <= set(listed)
    assert {"wan-cut", "host", "backports"} <= set(listed)


def test_list_names_one_kind_of_words_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "list", "providers"]) == 0
    assert capsys.readouterr().out == "auto\nhost\nvm\n"
    assert main(["lab", "list", "provider"]) == 2
    assert "did you mean 'providers'?" in capsys.readouterr().err
