"""What the reference kernel put on the wire, as expectations of the proof: each setup in each state.

The letters are the reference table's figures: L where clear packets of the tunnel were counted, ``.`` where none were.
The columns are its columns, named by the row of the lifecycle table that each one is. Two facts were corrected by
the lab since: unloading a connection closes the SAs that start_action start had started, and a child comes back by
itself after its hard lifetime unless the peer is silent (the row ``expired`` is the silent one).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from setups import (
    EAST_WAN,
    FAR_LAN,
    WEST_WAN,
    Action,
    canonical,
    connection,
    default_route,
    dummy,
    lan,
    masquerade,
    transport_gre,
    tunnel,
    vti,
    wan,
)

from sapper.address import Prefix
from sapper.kernel.plan import Child, Plan, Route, Selector
from sapper.proof.properties.protected import entries_of
from sapper.proof.properties.tally import answer
from sapper.proof.prove import prove, questions
from sapper.proof.states.lifecycle import TABLE, Row
from sapper.proof.states.situation import Situation, raised_sets, rows_for

COLUMNS = ("boot", "negotiating", "up", "deleted (local)", "crashed", "crashed (lifetime passed)", "flushed")


def row_named(label: str) -> Row:
    return next(row for row in TABLE if row.label == label)


def verdict(plan: Plan, label: str, about: str = "confidentiality", entry: str | None = None) -> str:
    """The property in one state, the network undisturbed: refuted if it is for one way the VTIs may be."""
    row = row_named(label)
    subject = next(item for item in entries_of(plan) if entry in (None, item.name))
    asked = next(question for question in questions(plan, subject) if question.property == about)
    words = {answer(plan, asked, Situation(row, raised))[0] for raised in raised_sets(plan, row)}
    return next(word for word in ("refuted", "unknown", "proved", "not-applicable") if word in words)


def letters(plan: Plan, labels: tuple[str, ...] = COLUMNS, about: str = "confidentiality") -> str:
    return "".join({"refuted": "L", "proved": "."}.get(verdict(plan, label, about), "?") for label in labels)


def gre_in_tunnel_mode() -> Plan:
    child = msgspec.structs.replace(transport_gre("none"), mode="tunnel")
    plan = canonical("none")
    return msgspec.structs.replace(plan, connections=(connection(child),))


def behind_nat(plan: Plan) -> Plan:
    """East keeps a private address; ESP goes in UDP. What leaks is decided before that."""
    moved = tuple(msgspec.structs.replace(item, encap=True) for item in plan.connections)
    return msgspec.structs.replace(plan, connections=moved)


THE_TABLE: dict[str, tuple[Callable[[], Plan], str]] = {
    "gre on WAN addresses, transport mode": (lambda: canonical("none"), "LL.L..L"),
    "gre on WAN addresses, tunnel mode": (gre_in_tunnel_mode, "LL.L..L"),
    "gre between dummy addresses": (lambda: dummy(blackhole=False, start="none"), "LL.L..L"),
    "the same with a blackhole": (lambda: dummy(blackhole=True, start="none"), "......L"),
    "the same behind NAT, no blackhole": (lambda: behind_nat(dummy(blackhole=False, start="none")), "LL.L..L"),
    "vti": (lambda: vti(unreachable=False), "......."),
}


@pytest.mark.parametrize("setup", THE_TABLE)
def test_a_setup_leaks_where_the_wire_says_so(setup: str) -> None:
    build, expected = THE_TABLE[setup]
    assert letters(build()) == expected


@pytest.mark.parametrize("setup", THE_TABLE)
def test_with_the_sa_up_every_setup_of_the_table_works(setup: str) -> None:
    """The table's column "SA up" says "works" of each."""
    build, _ = THE_TABLE[setup]
    assert verdict(build(), "up", "liveness") == "proved"
    assert prove(build())[0].verdicts["liveness"].verdict == "proved"


def test_masquerade_and_another_encapsulation_do_not_work_through_the_sa() -> None:
    assert letters(policy_based(), ("up",), "liveness") == "."
    assert letters(masquerade(policy_based()), ("up",), "liveness") == "L"
    assert letters(masquerade(policy_based(), exclusion=FAR_LAN), ("up",), "liveness") == "."


@pytest.mark.parametrize("start", ["none", "start"])
def test_start_installs_nothing_before_the_sa_exists(start: Action) -> None:
    states = ("boot", "negotiating", "deleted (local)", "deleted (peer)", "expired", "stopped")
    assert letters(canonical(start), states) == "L" * 6


def test_a_trap_drops_while_it_is_installed_and_an_orderly_stop_removes_it() -> None:
    states = ("boot", "negotiating", "up", "deleted (local)", "deleted (peer)", "expired", "stopped")
    assert letters(canonical("trap"), states) == "L.....L"


def test_close_action_trap_helps_against_the_peer_only() -> None:
    assert letters(canonical("none", "trap"), ("deleted (local)", "deleted (peer)", "expired")) == "L.L"


def test_a_new_daemon_goes_on_with_what_a_crash_left() -> None:
    for start in ("none", "trap", "start"):
        assert letters(canonical(start), ("crashed", "restarted", "restarted (lifetime passed)")) == "..."


def test_unloading_keeps_an_sa_that_start_did_not_start() -> None:
    assert letters(canonical("none"), ("reloading (SA kept)",)) == "."
    assert letters(canonical("trap"), ("reloading (SA kept)", "reloading (before an SA)")) == ".L"
    assert letters(canonical("start"), ("reloading (SA closed)",)) == "L"
    assert row_named("reloading (SA kept)") not in rows_for(canonical("start").connections)
    assert row_named("reloading (SA closed)") not in rows_for(canonical("none").connections)


def test_a_trap_towards_any_is_refused_in_tunnel_mode_only() -> None:
    assert letters(dummy(blackhole=False, start="trap", remote=None), ("negotiating",)) == "L"
    plan = canonical("trap")
    towards_any = (connection(transport_gre("trap"), remote=None),)
    assert letters(msgspec.structs.replace(plan, connections=towards_any), ("negotiating",)) == "."


@pytest.mark.parametrize("unreachable", [False, True])
def test_a_lowered_vti_loses_its_routes_and_an_unreachable_route_holds(unreachable: bool) -> None:
    states = ("boot", "negotiating", "up", "deleted (local)", "stopped", "crashed", "flushed")
    expected = "......." if unreachable else "LL.LL.."
    assert letters(vti(unreachable=unreachable), states, "no-bypass") == expected


@pytest.mark.parametrize("build", [lambda: canonical("none"), lambda: dummy(blackhole=True)])
def test_with_the_tunnel_gone_the_far_network_takes_the_default_route(build: Callable[[], Plan]) -> None:
    plan = build()
    assert letters(plan, ("up", "boot"), "no-bypass") == ".."
    down = tuple(msgspec.structs.replace(link, up=link.name != "tun0") for link in plan.links)
    assert letters(msgspec.structs.replace(plan, links=down), ("up", "boot"), "no-bypass") == "LL"


def policy_based() -> Plan:
    child = Child(
        name="west-tunnel-1",
        title="west tunnel 1",
        mode="tunnel",
        local_ts=(Selector(Prefix.parse("10.1.0.0/24")),),
        remote_ts=(Selector(FAR_LAN),),
        esp_proposals=("aes128-sha256",),
        start_action="none",
    )
    return Plan(name="east", links=(wan(), lan()), routes=(default_route(),), connections=(connection(child),))


def test_masquerade_takes_a_packet_out_of_its_policy_unless_it_is_excluded() -> None:
    assert letters(policy_based(), ("up",)) == "."
    assert letters(masquerade(policy_based()), ("up",)) == "L"
    assert letters(masquerade(policy_based(), exclusion=FAR_LAN), ("up",)) == "."


def test_a_policy_for_gre_does_not_meet_an_ipip_tunnel() -> None:
    plan = Plan(
        name="east",
        links=(wan(), lan(), tunnel(EAST_WAN, WEST_WAN, "ipip", 4)),
        routes=(default_route(), Route(prefix=FAR_LAN, link="tun0", metric=1)),
        connections=(connection(transport_gre("none")),),
    )
    assert letters(plan, ("up",)) == "L"


def test_plain_gre_is_decapsulated_wherever_no_policy_is_installed() -> None:
    states = ("boot", "negotiating", "up", "deleted (local)", "stopped", "crashed", "crashed (lifetime passed)")
    assert letters(canonical("none"), states, "authenticity") == "LL.LL.."
    assert letters(canonical("trap"), ("negotiating", "stopped"), "authenticity") == ".L"


def test_the_whole_proof_names_the_failing_states_and_sets_tampering_apart() -> None:
    (leaky,) = [item for item in prove(canonical("start")) if item.name == "tun0"]
    found = leaky.verdicts["confidentiality"]
    assert found.verdict == "refuted"
    assert found.witness is not None
    assert found.witness.wire is not None
    assert found.witness.wire.interface == "eth0"
    assert {"boot", "negotiating", "deleted", "stopped"} <= set(found.failing_states)
    assert not {"up", "crashed", "flushed"} & set(found.failing_states)
    assert found.tampering == ("flushed",)
    (held,) = [item for item in prove(dummy(blackhole=True)) if item.name == "tun0"]
    assert held.verdicts["confidentiality"].verdict == "proved"
    assert held.verdicts["confidentiality"].tampering == ("flushed",)
