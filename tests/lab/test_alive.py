"""Liveness as the lab sees it: everything arrives, and nothing of it in clear; and what the far end would refuse."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sapper.address import Address
from sapper.cli.lab import prepare_files
from sapper.lab.alive import arrival, foretold, refused, translated
from sapper.lab.probes import COUNT, Probe
from sapper.proof.properties.protected import entries_of

PAIRS = Path(__file__).parent / "pairs"


def probe(token: str, *, through: bool = True, stated: bool = False) -> Probe:
    there = Address.parse("10.2.0.9")
    return Probe(
        node="east", source=None, destination=there, protocol=17, port=1, source_port=0, token=token,
        through=through, stated=stated,
    )  # fmt: skip


def test_all_of_each_probe_has_to_arrive() -> None:
    probes = (probe("a"), probe("b"))
    assert arrival(probes, {"a": COUNT, "b": COUNT}, 0) == "proved"
    assert arrival(probes, {"a": COUNT, "b": COUNT - 1}, 0) == "refuted"
    assert arrival(probes, {"a": 2 * COUNT}, 0) == "refuted"


def test_what_arrives_in_clear_is_no_tunnel_that_works() -> None:
    assert arrival((probe("a"),), {"a": COUNT}, 1) == "refuted"


def test_only_the_tunnels_own_flows_are_asked() -> None:
    others = (probe("a", through=False), probe("b", stated=True))
    assert arrival(others, {}, 0) is None
    assert arrival((*others, probe("c")), {"c": COUNT}, 0) == "proved"


@pytest.mark.parametrize(("key", "expected"), [("10", None), ("20", "gre with key 20")])
def test_the_far_end_is_asked_by_the_proof(tmp_path: Path, key: str, expected: str | None) -> None:
    files = []
    for end, number in (("east", "10"), ("west", key)):
        text = (PAIRS / "trap-both" / f"{end}.set").read_text()
        files.append(tmp_path / f"{end}.set")
        files[-1].write_text(text + f"set interfaces tunnel tun0 parameters ip key {number}\n")
    setup = prepare_files([str(path) for path in files], None, "pair")
    side = next(side for side in setup.sides if side.name == "east")
    entry = next(entry for entry in entries_of(side.plan) if entry.name == "tun0")
    said = refused(setup.topology, side, entry, "west")
    assert said is None if expected is None else expected in str(said)


@pytest.mark.parametrize(
    ("nat", "mode", "expected"),
    [("west", "transport", "unknown"), (None, "transport", "proved"), ("west", "tunnel", "proved")],
)
def test_transport_mode_through_nat_is_not_foretold(
    tmp_path: Path, nat: str | None, mode: str, expected: str
) -> None:
    """LEAK118 on the kernel: West alone was proved alive, and nothing arrived."""
    files = []
    for end in ("east", "west"):
        text = (PAIRS / "ipip-under-gre-selector" / f"{end}.set").read_text()
        assert "mode 'transport'" in text
        files.append(tmp_path / f"{end}.set")
        files[-1].write_text(text.replace("mode 'transport'", f"mode '{mode}'"))
    setup = prepare_files([str(path) for path in files], None, "pair")
    topology = msgspec.structs.replace(setup.topology, behind_nat=nat)
    side = next(side for side in setup.sides if side.name == "west")
    entry = next(entry for entry in entries_of(side.plan) if entry.name == "tun0")

    assert foretold("proved", None, translated(topology, entry)) == expected
    assert foretold("proved", "another key", False) == "refuted"
    assert foretold("unknown", "another key", True) == "unknown"
