"""``policy route`` and MSS by the reference's sections 4 and 13: marks, lookups, clamps, and what cannot be carried."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Prefix
from sapper.kernel.compile import compile_router
from sapper.kernel.plan import MarkRule, MssClamp, Plan, Rule
from sapper.model.interface import Ethernet, LinkOptions, Pppoe, Tunnel, Vxlan
from sapper.model.ipsec import Authentication, IkeGroup, NhrpTunnel, Peer
from sapper.model.origin import Origin
from sapper.model.router import Router
from sapper.model.routing import DestinationNat, PolicyRoute, PolicyRule, StaticRoute, Vrf

HERE = Origin("here", 0, 0)
LAN = Prefix.parse("10.1.0.0/24")


def compiled(**fields: object) -> Plan:
    return compile_router(Router(name="east", generation="1.4", **fields))  # type: ignore[arg-type]


def policy(*rules: PolicyRule, family: int = 4, interfaces: tuple[str, ...] = ("eth1",)) -> PolicyRoute:
    return PolicyRoute(name="P", origin=HERE, family=family, interfaces=interfaces, rules=rules)  # type: ignore[arg-type]


def rule(number: int, **fields: object) -> PolicyRule:
    return PolicyRule(number=number, origin=Origin(f"policy route P rule {number}", 0, 0), **fields)  # type: ignore[arg-type]


@given(st.integers(1, 200), st.sampled_from([4, 6]))
def test_a_table_is_reached_by_its_mark_and_a_rule_of_its_number(table: int, family: int) -> None:
    plan = compiled(policies=(policy(rule(1, table=table), rule(2, table=table), family=family),))
    mark = 0x7FFFFFFF - table
    assert plan.rules == (Rule(table, table, family, mark),)  # type: ignore[arg-type]
    assert plan.marks == (MarkRule(family=family, mark=mark, in_links=("eth1",)),) * 2  # type: ignore[arg-type]


def test_rules_in_order_a_rule_that_sets_nothing_exempts_and_a_disabled_one_is_not_there() -> None:
    rules = (rule(20, table=10), rule(5, source=LAN, action="accept"), rule(10, table=11, disabled=True))
    assert [made.mark for made in compiled(policies=(policy(*rules),)).marks] == [0, 0x7FFFFFFF - 10]


def test_a_policy_without_interfaces_or_without_marks_makes_none() -> None:
    assert compiled(policies=(policy(rule(1, table=10), interfaces=()),)).marks == ()
    plan = compiled(policies=(policy(rule(1, mss=1300, syn=True)),))
    assert (plan.marks, plan.rules) == ((), ())


def test_a_vrf_is_reached_by_its_table() -> None:
    plan = compiled(vrfs=(Vrf(name="red", origin=HERE, table=1000),), policies=(policy(rule(1, vrf="red")),))
    assert plan.rules == (Rule(1000, 1000, 4, 0x7FFFFFFF - 1000),)
    lost = compiled(policies=(policy(rule(1, vrf="blue")),))
    assert (lost.rules, lost.gaps) == ((), ("policy route P rule 1 set vrf: may add ways",))


def test_every_match_goes_along() -> None:
    matching = rule(
        1, table=10, source=LAN, protocol=6, syn=True, negated=("source",), ipsec=("in",), unmodelled=("x",)
    )
    (made,) = compiled(policies=(policy(matching),)).marks
    assert (made.source, made.protocol, made.negated) == (LAN, 6, frozenset({"source"}))
    assert made.unmodelled == ("x", "tcp flags syn", "ipsec match-in")


def test_a_rule_that_drops_is_named() -> None:
    plan = compiled(policies=(policy(rule(1, action="drop"), rule(2, table=10)),))
    assert len(plan.marks) == 1
    assert plan.gaps == ("policy route P rule 1: may drop",)


def test_both_kinds_of_clamp() -> None:
    options = LinkOptions(mss_ipv4=1300, mss_ipv6="pmtu")
    plan = compiled(
        tunnels=(Tunnel(name="tun0", origin=HERE, encapsulation="gre", options=options),),
        policies=(policy(rule(1, mss=1250, syn=True, destination=LAN), rule(2, mss=1200, protocol=6)),),
    )
    assert plan.mss_clamps == (
        MssClamp(family=4, bytes=1300, out_link="tun0"),
        MssClamp(family=6, bytes=None, out_link="tun0"),
        MssClamp(family=4, bytes=1250, in_links=("eth1",), lower_only=False, destination=LAN),
        MssClamp(family=4, bytes=1200, in_links=("eth1",), lower_only=False),
    )


@given(st.sampled_from([4, 6]), st.booleans())
def test_the_route_s_mss_before_the_route_is_known_is_named_and_spares_the_others(family: int, syn: bool) -> None:
    plan = compiled(policies=(policy(rule(1, mss="pmtu", syn=syn), rule(2, mss=1200, syn=True), family=family),))
    assert [(clamp.bytes, clamp.family) for clamp in plan.mss_clamps] == [(1200, family)]
    assert plan.gaps == ("policy route P rule 1 set tcp-mss: changes no way",)


def test_a_clamp_that_would_catch_more_than_its_rule_is_named_instead() -> None:
    plan = compiled(policies=(policy(rule(1, mss=1300, syn=True, unmodelled=("state",))),))
    assert (plan.mss_clamps, plan.gaps) == ((), ("policy route P rule 1 set tcp-mss: changes no way",))


def test_destination_nat() -> None:
    far = Address.parse("10.1.0.5")
    plan = compiled(
        destination_nat=(
            DestinationNat(number=20, origin=HERE, translation=far, translation_port="80", destination_port="8080"),
            DestinationNat(number=10, origin=HERE, exclude=True, translation=far),
            DestinationNat(number=30, origin=HERE, translation_port="80"),
            DestinationNat(number=40, origin=HERE, negated=("inbound",), inbound="eth0"),
        )
    )
    assert [(made.number, made.action, made.to, made.to_port) for made in plan.destination_nat] == [
        (10, "accept", None, None),
        (20, "dnat", far, "80"),
        (30, "dnat", None, "80"),
        (40, "redirect", None, None),
    ]
    assert plan.destination_nat[3].negated == {"inbound"}


def test_what_the_plan_has_no_field_for_is_named_by_its_path() -> None:
    def at(path: str) -> Origin:
        return Origin(path, 0, 0)

    mirrored = LinkOptions(mirror=("eth9",), redirect="eth8", source_validation_ipv6="strict")
    peer = Peer(
        name="west",
        origin=at("vpn ipsec site-to-site peer west"),
        ike_group=IkeGroup(name="I", origin=HERE),
        authentication=Authentication(),
        remote_names=("west.example",),
        virtual_addresses=("10.9.0.1",),
    )
    plan = compiled(
        ethernets=(
            Ethernet(name="eth0", origin=at("interfaces ethernet eth0"), options=mirrored),
            Ethernet(name="eth0.5", origin=at("interfaces ethernet eth0 vif-s 5"), vlan_protocol="802.1ad"),
        ),
        vxlans=(Vxlan(name="vxlan0", origin=at("interfaces vxlan vxlan0"), neighbor_suppress=True),),
        pppoes=(Pppoe(name="pppoe0", origin=at("interfaces pppoe pppoe0"), autoconf=True),),
        routes=(StaticRoute(prefix=LAN, origin=at("protocols static route 10.1.0.0/24"), next_hop_vrf="red"),),
        peers=(peer,),
        nhrp=(NhrpTunnel(name="tun0", origin=at("protocols nhrp tunnel tun0")),),
    )
    assert plan.gaps == (
        "interfaces ethernet eth0 mirror: may add ways",
        "interfaces ethernet eth0 redirect: may add ways",
        "interfaces ethernet eth0 ipv6 source-validation: may drop",
        "interfaces vxlan vxlan0 parameters neighbor-suppress: changes no way",
        "interfaces ethernet eth0 vif-s 5 protocol 802.1ad: changes no way",
        "interfaces pppoe pppoe0 ipv6 address autoconf: may add ways",
        "protocols static route 10.1.0.0/24 vrf: may add ways",
        "protocols static route 10.1.0.0/24 vrf: may drop",
        "vpn ipsec site-to-site peer west virtual-address: may add ways",
        "vpn ipsec site-to-site peer west remote-address: may add ways",
        "vpn ipsec site-to-site peer west remote-address: may drop",
        "protocols nhrp tunnel tun0: may add ways",
    )
