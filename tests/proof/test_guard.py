"""What counts as a guard, and what a guard stops: the firewall of a router whose tunnel is otherwise open in most states."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapper.config.read import read
from sapper.config.upgrade import upgrade
from sapper.kernel.compile import compile_router
from sapper.kernel.complete import complete
from sapper.model.build import build
from sapper.model.router import Router
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Situation
from sapper.proof.verdict import PropertyVerdict
from sapper.proof.walk.walk import hand_to_device
from sapper.rules.check import check_text
from sapper.rules.report import FileReport

GUARDED = (Path(__file__).parents[1] / "lab" / "pairs" / "guard-transport" / "east.set").read_text()
OUT = "set firewall ipv4 output filter rule 10"
IN = "set firewall ipv4 input filter rule 10"


def built(text: str) -> Router:
    upgraded = upgrade(read(text, "east"))
    return build(upgraded.root, upgraded.generation, "east").router


def report(text: str) -> FileReport:
    return check_text(text, "east")


def verdict(text: str, name: str) -> PropertyVerdict:
    return next(tunnel for tunnel in report(text).tunnels if tunnel.name == "tun0").verdicts[name]


def without(text: str, words: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if words not in line)


def test_both_halves_prove_both_properties() -> None:
    assert verdict(GUARDED, "confidentiality").verdict == "proved"
    assert verdict(GUARDED, "authenticity").verdict == "proved"
    assert report(GUARDED).unmodelled == ()


def test_each_half_does_one_thing() -> None:
    assert verdict(without(GUARDED, OUT), "confidentiality").verdict == "refuted"
    assert verdict(without(GUARDED, OUT), "authenticity").verdict == "proved"
    assert verdict(without(GUARDED, IN), "confidentiality").verdict == "proved"
    assert verdict(without(GUARDED, IN), "authenticity").verdict == "refuted"


@pytest.mark.parametrize(
    "change",
    [
        "set firewall ipv4 output filter rule 5 action accept\n",
        "set firewall ipv4 output filter rule 5 action return\n",
        "set firewall ipv4 output filter rule 5 action jump\nset firewall ipv4 output filter rule 5 jump-target X\n",
        "set firewall global-options state-policy established action accept\n",
        f"{OUT} disable\n",
        f"{OUT} state established\n",
        f"{OUT} source address !192.0.2.10\n",
        f"{OUT} source address 198.51.100.7\n",
        f"{OUT} destination address 198.51.100.7\n",
        f"{OUT} destination group address-group WEST\n",
        f"{OUT} outbound-interface name eth1\n",
        f"{OUT} outbound-interface name eth*\n",
        f"{OUT} protocol ipip\n",
        f"{OUT} protocol !gre\n",
        f"{OUT} action accept\n",
        f"{OUT} ipsec match-ipsec-out\n",
    ],
)
def test_a_rule_that_may_let_the_packet_pass_is_no_guard(change: str) -> None:
    found = verdict(GUARDED + change, "confidentiality")

    assert found.verdict != "proved"


@pytest.mark.parametrize(
    "change",
    [
        "set firewall ipv4 output filter rule 5 action drop\nset firewall ipv4 output filter rule 5 protocol udp\n",
        "set firewall ipv4 output filter rule 20 action accept\n",
        f"{OUT} action reject\n",
        f"{OUT} outbound-interface name eth0\n",
        f"{OUT} source address 192.0.2.0/24\n",
        f"{OUT} description 'no clear GRE'\n",
    ],
)
def test_what_cannot_let_it_pass_changes_nothing(change: str) -> None:
    assert verdict(GUARDED + change, "confidentiality").verdict == "proved"


def test_a_guard_of_the_forward_hook_does_not_see_what_the_router_sends() -> None:
    moved = GUARDED.replace("output filter", "forward filter")

    assert verdict(moved, "confidentiality").verdict == "refuted"


def test_raw_chains_come_before_global_state_policies() -> None:
    raw = GUARDED.replace("output filter", "output raw").replace("input filter", "prerouting raw")
    stateful = raw + "set firewall global-options state-policy established action accept\n"

    assert verdict(stateful, "confidentiality").verdict == "proved"
    assert verdict(stateful, "authenticity").verdict == "proved"
    assert "firewall" in report(stateful).unmodelled


def test_a_guard_for_every_protocol_stops_the_esp_packet_as_well() -> None:
    """Nothing leaks, and nothing works: the tunnel's own guard must be for its protocol."""
    up = Situation(next(row for row in TABLE if row.state == "up"))
    for text, kind in ((GUARDED, "wire"), (without(GUARDED, f"{OUT} protocol"), "dropped")):
        plan = complete(compile_router(built(text)))
        kernel = kernel_in(plan, up)
        assert {end.kind for end in hand_to_device(kernel, kernel.links["tun0"], None)} == {kind}
