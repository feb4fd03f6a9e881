"""Rules, tables, marks, and what kernel settings ask of a packet that comes in: what they do to a verdict."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from setups import FAR_LAN, WEST_WAN, canonical, vti

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Encapsulating, Link, MarkRule, Plan, Route, Rule, Sysctl
from sapper.proof.enumeration import enumerate_all
from sapper.proof.facts.packet import Packet
from sapper.proof.facts.policy_routing import marks_met, rules_in_force, tables_in_order
from sapper.proof.prove import prove
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import Move, Situation
from sapper.proof.verdict import Property, PropertyVerdict
from sapper.proof.walk.walk import hand_to_device

SAFE = vti(unreachable=True)
MARKED = MarkRule(family=4, mark=5, in_links=("eth1",))
LED = Rule(10, 10, 4, 5)
OUT = Route(prefix=Prefix.everything(4), via=Address.parse("192.0.2.1"), table=10)


def changed(plan: Plan, **fields: Any) -> Plan:
    for name, more in fields.items():
        plan = msgspec.structs.replace(plan, **{name: (*getattr(plan, name), *more)})
    return plan


def verdict(plan: Plan, name: str, asked: Property) -> PropertyVerdict:
    """By both engines, which must agree."""
    over_sets = next(found for found in prove(plan) if found.name == name).verdicts[asked]
    one_by_one = next(found for found in enumerate_all(plan) if found.name == name).verdicts[asked]
    assert (over_sets.verdict, over_sets.failing_states) == (one_by_one.verdict, one_by_one.failing_states)
    return over_sets


def test_a_policy_route_that_leads_out_is_a_bypass_and_the_witness_comes_from_its_interface() -> None:
    found = verdict(changed(SAFE, rules=[LED], marks=[MARKED], routes=[OUT]), "vti0", "no-bypass")

    assert found.verdict == "refuted"
    assert found.witness is not None
    assert found.witness.wire is not None
    assert (found.witness.packet.in_, found.witness.wire.interface) == ("eth1", "eth0")


@pytest.mark.parametrize(
    "fields",
    [
        {"rules": [LED], "marks": [MARKED]},
        {"marks": [MARKED], "routes": [OUT]},
        {"rules": [LED], "routes": [OUT]},
        {"rules": [LED], "marks": [MARKED], "routes": [Route(prefix=FAR_LAN, kind="blackhole", table=10)]},
        {"rules": [LED], "marks": [msgspec.structs.replace(MARKED, protocol=17, mark=6)], "routes": [OUT]},
        {"rules": [Rule(40000, 10, 4)], "routes": [OUT]},
        {"rules": [Rule(10, 10, 6)], "routes": [OUT]},
    ],
)
def test_what_leads_no_packet_out_changes_nothing(fields: dict[str, Any]) -> None:
    assert verdict(SAFE, "vti0", "no-bypass").verdict == "proved"
    assert verdict(changed(SAFE, **fields), "vti0", "no-bypass").verdict == "proved"


def test_a_rule_for_all_packets_before_main_is_a_bypass_of_the_router_itself() -> None:
    found = verdict(changed(SAFE, rules=[Rule(100, 10, 4)], routes=[OUT]), "vti0", "no-bypass")

    assert found.verdict == "refuted"
    assert found.witness is not None
    assert found.witness.packet.in_ == "local"


def test_an_exemption_in_front_keeps_its_packets_in_the_main_table() -> None:
    exempt = msgspec.structs.replace(MARKED, mark=0, destination=Prefix.parse("10.0.0.0/8"))
    plan = changed(SAFE, rules=[LED], marks=[exempt, MARKED], routes=[OUT])

    assert verdict(plan, "vti0", "no-bypass").verdict == "proved"


def test_a_match_that_is_not_modelled_may_apply_or_not() -> None:
    doubtful = msgspec.structs.replace(MARKED, unmodelled=("time",))
    found = verdict(changed(SAFE, rules=[LED], marks=[doubtful], routes=[OUT]), "vti0", "no-bypass")

    assert found.verdict == "unknown"
    assert found.reason == "policy route of eth1: time"


def test_a_route_of_charon_may_follow_another_table() -> None:
    tunnelled = changed(canonical(), routes=[msgspec.structs.replace(OUT, prefix=Prefix.host(WEST_WAN))])

    assert "of table 10 to the peer" in str(verdict(tunnelled, "tun0", "authenticity").reason) or (
        verdict(tunnelled, "tun0", "authenticity").verdict == "refuted"
    )


def test_rules_are_asked_in_order_of_priority_and_older_ones_first() -> None:
    plan = changed(SAFE, rules=[Rule(300, 3, 4), Rule(10, 1, 4, 7), Rule(220, 2, 4), Rule(32766, 4, 4)])

    assert tables_in_order(rules_in_force(plan), 4) == (2, 220, 3, 254, 4, 253)
    assert tables_in_order(rules_in_force(plan), 4, 7) == (1, 2, 220, 3, 254, 4, 253)
    assert tables_in_order(rules_in_force(plan), 6) == (220, 254, 253)


def test_a_source_in_the_interfaces_network_comes_in_there_and_any_other_one_perhaps() -> None:
    links = {"eth1": Link(name="eth1", kind="ethernet", addresses=(Attached.parse("10.1.0.1/24"),))}
    near, strange = (Packet(source=Address.parse(text), destination=WEST_WAN, protocol=17)
                     for text in ("10.1.0.5", "10.9.0.5"))  # fmt: skip

    assert list(marks_met((MARKED,), links, near, None)) == [(5, None)]
    assert list(marks_met((MARKED,), links, strange, "eth9")) == [
        (0, None),
        (5, "policy route of eth1: whether the packet comes in there"),
    ]


def test_a_router_that_forwards_nothing_lets_out_only_what_is_its_own() -> None:
    led = changed(SAFE, rules=[LED], marks=[MARKED], routes=[OUT])
    off = changed(led, sysctls=[Sysctl("net.ipv4.ip_forward", "0")])

    assert verdict(led, "vti0", "no-bypass").verdict == "refuted"
    assert verdict(off, "vti0", "no-bypass").verdict == "proved"


def test_a_reverse_path_filter_stops_what_does_not_come_from_where_its_source_is() -> None:
    away = Route(prefix=Prefix.host(WEST_WAN), link="eth1", metric=1)
    strict = [Sysctl("net.ipv4.conf.eth0.rp_filter", "1")]
    loose = [Sysctl("net.ipv4.conf.eth0.rp_filter", "2")]

    assert verdict(changed(canonical(), sysctls=strict), "tun0", "authenticity").verdict == "refuted"
    assert verdict(changed(canonical(), routes=[away]), "tun0", "authenticity").verdict == "refuted"
    assert verdict(changed(canonical(), routes=[away], sysctls=loose), "tun0", "authenticity").verdict == "refuted"
    assert verdict(changed(canonical(), routes=[away], sysctls=strict), "tun0", "authenticity").verdict == "proved"


@pytest.mark.parametrize("keep", ["0", "1"])
def test_an_ipv6_address_that_stays_on_a_lower_interface_may_serve_a_tunnel(keep: str) -> None:
    near, far = Address.parse("2001:db8:1::10"), Address.parse("2001:db8:2::20")
    plan = Plan(
        name="east",
        links=(
            Link(name="eth0", kind="ethernet", addresses=(Attached.parse("2001:db8:1::10/64"),)),
            Link(name="eth1", kind="ethernet", addresses=(Attached.parse("2001:db8:3::10/64"),)),
            Link(name="tun0", kind="ip6gre", encapsulating=Encapsulating(protocol=47, local=near, remote=far)),
        ),
        routes=(Route(prefix=Prefix.everything(6), link="eth1", metric=1),),
        sysctls=(Sysctl("net.ipv6.conf.all.keep_addr_on_down", keep),),
    )
    kernel = kernel_in(plan, Situation(TABLE[0], move=Move("wan-down", "eth0")))
    (end,) = hand_to_device(kernel, kernel.links["tun0"], None)

    assert end.kind == ("dropped" if keep == "0" else "wire")
    assert end.doubts == (() if keep == "0" else (f"whether {near} serves a tunnel while its interface is down",))
