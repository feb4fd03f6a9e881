"""Every configuration that sapper did not write gets its verdicts, and no ``unknown`` is for an option of the reference.

The page docs/real-configurations.md says them all. The real configurations lie beside the project and are not part of
it; without them only the articles' are asked.
"""

from __future__ import annotations

from functools import cache

import pytest
import real_configurations
from real_configurations import PAGE, REAL, Unknown, checked, files, of_the_reference, unknowns

from sapper.proof.verdict import PROPERTIES
from sapper.rules.check import Checked


@cache
def found_in(name: str) -> Checked:
    return checked(next(path for path in files() if path.name == name))


NAMES = [path.name for path in files()]


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_has_every_verdict_and_an_unknown_one_a_reason(name: str) -> None:
    found = found_in(name)
    assert found.report.syntax is not None
    for entry in found.report.tunnels:
        assert set(entry.verdicts) == set(PROPERTIES)
        for said in entry.verdicts.values():
            assert said.reason or said.verdict in ("proved", "refuted")
            assert said.witness is not None or said.verdict != "refuted"


@pytest.mark.parametrize("name", NAMES)
def test_no_verdict_is_unknown_for_an_option_of_the_reference(name: str) -> None:
    assert {thing for one in every(name) for thing in one.listed} == set()


def every(name: str) -> list[Unknown]:
    return list(unknowns(name, found_in(name)))


def test_an_option_is_the_reference_s_or_it_is_not() -> None:
    assert of_the_reference("nat destination rule 50")
    assert of_the_reference("policy route of eth1")
    assert of_the_reference("interfaces ethernet eth0 mirror")
    assert not of_the_reference("protocols bgp")
    assert not of_the_reference("interfaces openvpn vtun0")
    assert not of_the_reference("firewall")


@pytest.mark.skipif(not REAL.is_dir(), reason="the real configurations are not here")
def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == real_configurations.page(), "stale: run make docs"
