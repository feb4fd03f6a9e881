"""What every strategy of ``sapper fix`` makes, driven through all states on a real kernel: quiet, working, as proved.

Guards that a release's own firewall has no words for are installed as ``sapper fix`` prints them, for nftables.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

from sapper.config.read import read
from sapper.fix.choose import Strategy
from sapper.fix.mend import Mended, mend
from sapper.lab.exhibits.prepared import mended_pair
from sapper.lab.parallel import run_pairs
from sapper.lab.result import LabRun, TunnelState
from sapper.proof.states.lifecycle import STATES
from sapper.rules import pair402_transport_through_nat
from sapper.rules.check import subject_of

HERE = Path(__file__).parent
ROOTS = (HERE / "pairs", HERE.parents[1] / "examples")
NAT_RULE = pair402_transport_through_nat.RULE


class Asked(NamedTuple):
    """``expected`` is what auto has to choose. ``nat``: the router behind a NAT box."""

    strategy: Literal["auto"] | Strategy
    pair: str
    expected: Strategy
    nat: str | None = None

    @property
    def title(self) -> str:
        return f"{self.pair} by {self.strategy}"


ASKED = (
    Asked("vti", "canonical", "vti"),
    Asked("vti", "ipip", "vti"),
    Asked("vti", "sit", "vti"),
    Asked("dummy", "gre-dual-stack-key", "dummy"),
    Asked("dummy", "ipip6", "dummy"),
    Asked("dummy", "sit", "dummy"),
    Asked("guard", "canonical", "guard"),
    Asked("guard", "sit", "guard"),
    Asked("guard", "ip6ip6-dummy", "guard"),
    Asked("guard", "dummy", "guard"),
    Asked("auto", "trap-both", "guard"),
    Asked("auto", "policy-based-masquerade", "guard"),
    Asked("auto", "nat", "dummy", nat="east"),
    Asked("auto", "transport through NAT", "dummy", nat="east"),
)


def texts(pair: str) -> tuple[str, str]:
    if pair == "transport through NAT":
        return NAT_RULE.bad, str(NAT_RULE.far)
    place = next(root / pair for root in ROOTS if (root / pair).is_dir())
    return (place / "east.set").read_text(), (place / "west.set").read_text()


def mended(asked: Asked) -> Mended:
    near, far = (
        subject_of(read(text, f"{name}.set"))
        for name, text in zip(("east", "west"), texts(asked.pair), strict=True)
    )
    return mend(near, far, asked.strategy)


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.title)
def test_the_strategy_is_the_expected_one(asked: Asked) -> None:
    done = mended(asked)

    assert done.strategy == asked.expected
    assert asked.nat is None or asked.strategy != "auto" or "guard" not in done.why


Runs = list[tuple[Asked, LabRun]]


@pytest.fixture(scope="module", params=("vti", "dummy", "guard", "auto"))
def runs(request: pytest.FixtureRequest, whole_machine: None) -> Runs:
    """Those of one strategy: all at once would take longer than a test may."""
    asked = [item for item in ASKED if item.strategy == request.param]
    setups = [mended_pair(item.title, mended(item), item.nat) for item in asked]
    guests = int(os.environ.get("SAPPER_GUESTS", "0")) or None
    return list(zip(asked, run_pairs(setups, print, guests=guests), strict=True))


def states(run: LabRun) -> list[TunnelState]:
    return [state for tunnel in run.tunnels for state in tunnel.states]


@pytest.mark.lab
def test_the_kernel_agrees_in_every_state(runs: Runs) -> None:
    wrong = [
        (asked.title, state.state, state.cause, state.seen, state.predicted)
        for asked, run in runs
        for state in states(run)
        if not state.agrees
    ]

    assert wrong == []
    assert all({state.state for state in states(run)} == set(STATES) for _, run in runs)


@pytest.mark.lab
def test_nothing_is_clear_and_nothing_forged_gets_in(runs: Runs) -> None:
    leaks = [
        (asked.title, state.state, state.cause, state.clear_outer, state.clear_inner, state.decapsulated)
        for asked, run in runs
        for state in states(run)
        if (state.clear_outer or state.clear_inner or state.decapsulated) and state.state != "flushed"
    ]

    assert leaks == []


@pytest.mark.lab
def test_a_flush_opens_no_guard_and_no_vti(runs: Runs) -> None:
    """A flush is tampering: charon's route in table 220 then passes the blackhole (LEAK105), with what has no guard."""
    opened = [
        (asked.title, state.clear_outer, state.decapsulated)
        for asked, run in runs
        for state in states(run)
        if (state.clear_outer or state.decapsulated) and state.state == "flushed" and asked.expected != "dummy"
    ]

    assert opened == []


@pytest.mark.lab
def test_it_works(runs: Runs) -> None:
    for asked, run in runs:
        ups = [state for state in states(run) if state.state == "up"]
        assert sum(state.sent for state in ups) > 0, asked.title
        assert all(state.delivered == state.sent for state in ups), asked.title
        assert all(state.esp >= state.sent for state in ups), asked.title
