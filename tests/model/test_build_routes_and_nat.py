"""Static routes and source NAT rules: every way of writing one, and what the Router cannot say."""

from __future__ import annotations

from router_from_text import router_from

from sapper.address import Address, Prefix


def test_every_kind_of_way() -> None:
    routes = router_from(
        """
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1 distance 5
set protocols static route 0.0.0.0/0 next-hop 192.0.2.2 disable
set protocols static route 10.0.0.0/8 interface tun0
set protocols static route 10.0.0.0/8 blackhole distance 254
set protocols static route6 2001:db8::/32 reject
set protocols static route6 ::/0 next-hop fe80::1 interface eth0
set protocols static table 10 route 10.1.0.0/16 blackhole
"""
    ).routes
    said = [
        (str(way.prefix), way.kind, str(way.next_hop), way.interface, way.distance, way.table) for way in routes
    ]
    assert said == [
        ("0.0.0.0/0", "unicast", "192.0.2.1", None, 5, 254),
        ("10.0.0.0/8", "unicast", "None", "tun0", 1, 254),
        ("10.0.0.0/8", "blackhole", "None", None, 254, 254),
        ("2001:db8::/32", "unreachable", "None", None, 1, 254),
        ("::/0", "unicast", "fe80::1", "eth0", 1, 254),
        ("10.1.0.0/16", "blackhole", "None", None, 1, 10),
    ]


def test_a_prefix_or_next_hop_of_the_other_family_is_left_out() -> None:
    text = (
        "set protocols static route 2001:db8::/32 blackhole\nset protocols static route 10.0.0.0/8 next-hop ::1\n"
    )
    assert router_from(text).routes == ()


def test_rules_come_in_order_of_their_numbers() -> None:
    rules = router_from(
        """
set nat source rule 100 outbound-interface name eth0
set nat source rule 100 translation address masquerade
set nat source rule 20 exclude
set nat source rule 20 outbound-interface eth0
set nat source rule 20 destination address 10.2.0.0/16
set nat source rule 20 protocol gre
set nat source rule 30 disable
set nat source rule 30 translation address masquerade
set nat source rule 40 source address !10.0.0.5
set nat source rule 40 outbound-interface name !eth1
set nat source rule 40 translation address 192.0.2.9
"""
    ).source_nat
    assert [rule.number for rule in rules] == [20, 40, 100]
    exclusion, snat, masquerade = rules
    assert (exclusion.exclude, exclusion.outbound, exclusion.protocol) == (True, "eth0", 47)
    assert exclusion.destination == Prefix.parse("10.2.0.0/16")
    assert snat.translation == Address.parse("192.0.2.9")
    assert (snat.source, snat.outbound) == (Prefix.parse("10.0.0.5/32"), "eth1")
    assert snat.negated == ("outbound", "source")
    assert (masquerade.translation, masquerade.exclude, masquerade.protocol) == (None, False, None)
    assert not masquerade.unmodelled


def test_what_a_rule_cannot_say_is_named() -> None:
    (rule,) = router_from(
        """
set nat source rule 10 outbound-interface name eth*
set nat source rule 10 protocol tcp_udp
set nat source rule 10 source address 10.0.0.1-10.0.0.9
set nat source rule 10 destination port 53
set nat source rule 10 destination group network-group LANS
set nat source rule 10 translation address 192.0.2.8-192.0.2.9
"""
    ).source_nat
    assert (rule.outbound, rule.protocol, rule.source) == (None, None, None)
    assert rule.translation == Address.parse("192.0.2.8")
    assert sorted(rule.unmodelled) == [
        "destination group",
        "destination port",
        "outbound-interface name eth*",
        "protocol tcp_udp",
        "source address 10.0.0.1-10.0.0.9",
        "translation address 192.0.2.8-192.0.2.9",
    ]
