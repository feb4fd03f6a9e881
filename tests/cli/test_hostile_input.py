"""Hostile configurations through the command line: each ends in a report, and what was too much says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hostile_multiples import MULTIPLES
from hostile_texts import HOSTILE

from sapper.__main__ import main
from sapper.proof.over_sets.prove import TOO_MUCH

QUICK = ["looping routes", "self-referring tunnels", "ten nested tunnels", "a cycle of tunnels", "NAT rules"]


def checked(text: str, path: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    path.write_text(text)
    assert main(["check", "--format", "json", str(path)]) in (0, 1)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    verdicts = [
        verdict
        for file in json.loads(captured.out)["files"]
        for tunnel in file["tunnels"]
        for verdict in tunnel["verdicts"].values()
    ]
    assert verdicts
    return verdicts


@pytest.mark.parametrize("name", QUICK)
def test_it_ends_in_a_report(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, small, _ = HOSTILE[name]
    assert checked(make(small), tmp_path / "hostile.set", capsys)


def test_children_of_one_peer_all_have_verdicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, _, _ = HOSTILE["children of one peer"]
    verdicts = checked(make(60), tmp_path / "hostile.set", capsys)
    assert {verdict["verdict"] for verdict in verdicts} <= {"proved", "refuted", "unknown", "not-applicable"}
    assert TOO_MUCH not in {verdict["reason"] for verdict in verdicts}


@pytest.mark.parametrize("name", ["peers of the same child", "one cone", "tunnels into each other"])
def test_what_multiplies_ends_in_a_report(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, small, _ = MULTIPLES[name]
    assert checked(make(small), tmp_path / "hostile.set", capsys)
