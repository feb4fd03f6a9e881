"""What a person states beside a configuration is the same to the lab as to ``check``: comments and ``sapper.toml``."""

from __future__ import annotations

from pathlib import Path

import pytest
from pair_sample import EXAMPLES
from topology_sample import topology_setup

from sapper.address import Address
from sapper.cli.lab import prepare_files
from sapper.cli.project import Projects
from sapper.config.read import read
from sapper.lab.measure import Subject, subjects_of
from sapper.lab.run import Setup
from sapper.rules.check import subject_of

PROTECT = "comment interfaces tunnel tun0 'sapper: protect 10.9.0.0/16'\n"
# Beside IPsec: other addresses of the same routers, and nothing that protects what is between them.
PLAIN = """\
set interfaces ethernet eth0 address {near}/24
set interfaces tunnel tun1 address {inside}/30
set interfaces tunnel tun1 encapsulation ipip
set interfaces tunnel tun1 source-address {near}
set interfaces tunnel tun1 remote {far}
"""
BESIDE = {
    "east": PLAIN.format(near="192.0.2.11", far="203.0.113.21", inside="10.0.1.1"),
    "west": PLAIN.format(near="203.0.113.21", far="192.0.2.11", inside="10.0.1.2"),
}
DEMANDED = "comment interfaces tunnel tun1 'sapper: protect'\n"


def stating(directory: Path, project: str = "", **more: str) -> list[str]:
    """The canonical pair in that directory, with more lines, and a ``sapper.toml`` beside it."""
    for name in ("east", "west"):
        text = (EXAMPLES / "canonical" / f"{name}.set").read_text()
        (directory / f"{name}.set").write_text(text + more.get(name, ""))
    (directory / "sapper.toml").write_text(project)
    return [str(directory / f"{name}.set") for name in ("east", "west")]


def subjects(setup: Setup, router: str) -> dict[str, Subject]:
    (side,) = [side for side in setup.sides if side.name == router]
    return {subject.entry.name: subject for subject in subjects_of(setup.topology, side)}


@pytest.mark.parametrize(
    ("project", "more"),
    [
        ("", {"east": PROTECT}),
        ("", {"east": "comment interfaces ethernet eth0 'sapper: trusted'\n"}),
        ('protect = ["10.9.0.0/16", "tun0"]\ntrusted = ["eth1"]\n', {}),
        ('[[router]]\nname = "west"\ntrusted = ["eth0"]\n', {"west": PROTECT}),
        ('target = "1.3"\n', {}),
    ],
)
def test_the_lab_and_check_know_the_same(tmp_path: Path, project: str, more: dict[str, str]) -> None:
    paths = stating(tmp_path, project, **more)
    setup = prepare_files(paths, None)
    projects = Projects()

    for path, side in zip(paths, setup.sides, strict=True):
        checked = subject_of(read(Path(path).read_text(), path), projects.of(path))
        assert checked.plan is not None
        assert side.plan.stated == checked.plan.stated
        assert side.plan.connections == checked.plan.connections
        assert set(checked.plan.assumptions) <= set(side.plan.assumptions)


def test_a_comment_that_is_not_understood_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = stating(tmp_path, east="comment interfaces tunnel tun0 'sapper: protekt'\n")
    prepare_files(paths, None)

    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"{paths[0]}:")
    assert "'protekt' is no word to sapper" in said


def test_a_stated_network_is_probed_in_every_part_that_the_kernel_tells_apart(tmp_path: Path) -> None:
    """10.8.0.0/14 holds a part that is routed elsewhere; what the tunnel's own routes cover is probed as ever."""
    more = PROTECT.replace("10.9.0.0/16", "10.8.0.0/14 10.2.0.0/23")
    more += "set protocols static route 10.10.0.0/16 next-hop 10.1.0.99\n"
    setup = prepare_files(stating(tmp_path, east=more), None)
    subject = subjects(setup, "east")["tun0"]

    stated = {probe.destination for probe in subject.probes if probe.stated}
    wanted = ("10.8.0.1", "10.10.0.1", "10.11.0.1", "10.2.1.1")
    assert stated == {Address.parse(text) for text in wanted}
    assert {probe.destination for probe in subject.probes if not probe.stated} == {
        Address.parse("10.0.0.2"),
        Address.parse("10.2.0.10"),
    }


def test_a_tunnel_without_ipsec_is_driven_if_somebody_says_that_it_must_be_protected(tmp_path: Path) -> None:
    silent = prepare_files(stating(tmp_path, **BESIDE), None)
    assert set(subjects(silent, "east")) == {"tun0"}

    setup = prepare_files(stating(tmp_path, east=BESIDE["east"] + DEMANDED, west=BESIDE["west"]), None)
    found = subjects(setup, "east")
    assert set(found) == {"tun0", "tun1"}
    assert [str(probe.destination) for probe in found["tun1"].probes] == ["10.0.1.2"]
    assert set(subjects(setup, "west")) == {"tun0"}


def test_nobody_attacks_on_a_trusted_interface(tmp_path: Path) -> None:
    setup = prepare_files(stating(tmp_path, '[[router]]\nname = "west"\ntrusted = ["eth0"]\n'), None)
    assert subjects(setup, "west")["tun0"].forged is None
    assert subjects(setup, "east")["tun0"].forged is not None


def test_nothing_is_stated_where_nobody_states_anything() -> None:
    for side in topology_setup("two-wans").sides:
        for subject in subjects_of(topology_setup("two-wans").topology, side):
            assert not any(probe.stated for probe in subject.probes)
