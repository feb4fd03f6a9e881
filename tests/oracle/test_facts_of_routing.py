"""Facts of route lookup, one small router each: the walk, the sets and the second opinion say what the kernel does.

A fact that is deleted in either of the first two turns its case red (``make mutations``). Sources: the lab's notes and
the kernel's fib_semantics.c, fib_frontend.c, route.c, addrconf.c; charon's kernel_netlink_ipsec.c.
"""

from __future__ import annotations

import pytest
from at_a_point import by_opinion, by_sets, by_walk
from brute_force import Oracle
from brute_kernel import ip
from msgspec.structs import replace
from small_router import (
    DEFAULT,
    DEFAULT_2,
    DELIVERED,
    DROPPED,
    DUMMIES,
    DUMMY,
    HOLE,
    LAN,
    MASQUERADE,
    VTI,
    WAN,
    WAN_2,
    Fact,
    child,
    clear,
    east,
    encrypted,
    ethernet,
    narrow,
    packet,
    route,
    state,
    tunnel,
    west,
)

from sapper.address import Address, Prefix
from sapper.kernel.plan import MarkRule, Plan, Route, Rule, Sysctl
from sapper.proof.index.circumstance import ANYTIME
from sapper.proof.index.lookup import Lookup
from sapper.proof.index.plan_index import PlanIndex
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.situation import Move
from sapper.proof.walk.routing import lookup

BOOT, UP, FLUSHED = state("boot"), state("up"), state("flushed")
TO_DUMMY = packet("10.10.0.1", "10.10.0.2")
V6 = packet("2001:db8:1::5", "2001:db8:2::9")
DEFAULT_6 = route("::/0", "2001:db8:a::1")
WAN_6 = ethernet("eth3", "2001:db8:a::10/64")


def dummies(
    *links: object, routes: tuple[object, ...] = (DEFAULT, HOLE), made: object = DUMMIES, **more: object
) -> object:
    return east(DUMMY, *links, routes=routes, children=(made,), **more)  # type: ignore[arg-type]


FACTS: dict[str, Fact] = {
    "the longest prefix wins": Fact(
        east(WAN_2, routes=(DEFAULT, route("10.2.0.0/24", "198.51.100.1", metric=200))), BOOT, packet(), clear("eth1")
    ),
    "the lowest metric wins": Fact(
        east(WAN_2, routes=(DEFAULT_2, DEFAULT)), BOOT, packet(), clear("eth0")
    ),
    "equal routes share the traffic": Fact(
        east(WAN_2, routes=(DEFAULT, replace(DEFAULT_2, metric=1))), BOOT, packet(), clear("eth0") | clear("eth1")
    ),
    "a blackhole drops": Fact(
        east(routes=(DEFAULT, route("10.2.0.0/24", kind="blackhole"))), BOOT, packet(), DROPPED
    ),
    "an unreachable route drops": Fact(
        east(routes=(DEFAULT, route("10.2.0.0/24", kind="unreachable"))), BOOT, packet(), DROPPED
    ),
    "without a route nothing leaves": Fact(east(routes=()), BOOT, packet(), DROPPED),
    "a link that is down has no routes": Fact(
        east(replace(WAN_2, up=False), routes=(DEFAULT, route("10.2.0.0/24", "eth1"))), BOOT, packet(), clear("eth0")
    ),
    "a VTI that is lowered has no routes": Fact(
        east(VTI, routes=(DEFAULT, route("10.2.0.0/24", "vti0")), children=(child("0.0.0.0/0", "0.0.0.0/0", if_id=1),)),
        BOOT, packet(), clear("eth0"),
    ),
    "a next hop is looked for among the connected networks": Fact(
        east(WAN_2, routes=(DEFAULT, route("10.2.0.0/24", "198.51.100.9"))), BOOT, packet(), clear("eth1")
    ),
    "a next hop is looked for among routes to an interface": Fact(
        east(WAN_2, routes=(DEFAULT, route("10.9.0.0/24", "eth1"), route("10.2.0.0/24", "10.9.0.1"))),
        BOOT, packet(), clear("eth1"),
    ),
    "a next hop out of reach makes no route": Fact(
        east(routes=(DEFAULT, route("10.2.0.0/24", "10.99.0.1"))), BOOT, packet(), clear("eth0")
    ),
    "a WAN that goes down takes its routes with it": Fact(
        east(WAN_2, routes=(DEFAULT, DEFAULT_2)), state("boot", move=Move("wan-down", "eth0")), packet(), clear("eth1")
    ),
    "a VLAN goes down with its parent": Fact(
        east(
            replace(ethernet("eth0.5", "198.51.100.10/24"), kind="vlan", parent="eth0", vlan=5),
            routes=(DEFAULT, route("10.2.0.0/24", "eth0.5")),
        ),
        state("boot", move=Move("wan-down", "eth0")), packet(), DROPPED,
    ),
    "the default route may go": Fact(
        east(), state("boot", move=Move("default-gone")), packet(), DROPPED
    ),
    "the network may announce a more specific route": Fact(
        east(WAN_2, routes=(DEFAULT, route("10.2.0.0/24", "198.51.100.9")), links=(replace(WAN, dynamic=True), LAN, WAN_2)),
        state("boot", move=Move("more-specific", "eth0")), packet(), clear("eth0"),
    ),
    "nothing is more specific than a host route of a better distance": Fact(
        east(WAN_2, routes=(DEFAULT, route("10.2.0.9/32", "198.51.100.9")), links=(replace(WAN, dynamic=True), LAN, WAN_2)),
        state("boot", move=Move("more-specific", "eth0")), packet(), clear("eth1"),
    ),
    "a host route of distance 254 loses against a lease": Fact(
        east(routes=(DEFAULT, route("10.2.0.9/32", kind="blackhole", metric=254)), links=(replace(WAN, dynamic=True), LAN)),
        state("boot", move=Move("more-specific", "eth0")), packet(), clear("eth0"),
    ),
    "a bound IPv4 device passes a blackhole": Fact(
        east(WAN_2, tunnel(link="eth1"), routes=(DEFAULT, route("203.0.113.20/32", kind="blackhole"))),
        BOOT, packet(), clear("eth1", "192.0.2.10", "203.0.113.20", 47), "tun0",
    ),
    "a bound IPv4 device passes over routes by others": Fact(
        east(WAN_2, tunnel(link="eth1"), routes=(DEFAULT, DEFAULT_2)),
        BOOT, packet(), clear("eth1", "192.0.2.10", "203.0.113.20", 47), "tun0",
    ),
    "a binding over IPv6 is a wish": Fact(
        east(
            WAN_6, ethernet("eth4", "2001:db8:b::10/64"),
            tunnel("ip6tnl", 41, "2001:db8:a::10", "2001:db8:f::20", link="eth4", payload=41),
            routes=(DEFAULT_6, route("::/0", "2001:db8:b::1", metric=20)),
        ),
        BOOT, V6, clear("eth3", "2001:db8:a::10", "2001:db8:f::20", 41), "tun0",
    ),
    "a binding over IPv6 chooses among equal routes": Fact(
        east(
            WAN_6, ethernet("eth4", "2001:db8:b::10/64"),
            tunnel("ip6tnl", 41, "2001:db8:a::10", "2001:db8:f::20", link="eth4", payload=41),
            routes=(route("2001:db8:f::/64", "eth3"), route("2001:db8:f::/64", "eth4")),
        ),
        BOOT, V6, clear("eth4", "2001:db8:a::10", "2001:db8:f::20", 41), "tun0",
    ),
    "a binding over IPv6 does not choose where the traffic is shared": Fact(
        east(
            WAN_6, ethernet("eth4", "2001:db8:b::10/64"),
            tunnel("ip6tnl", 41, "2001:db8:a::10", "2001:db8:f::20", link="eth4", payload=41),
            routes=(DEFAULT_6, route("::/0", "2001:db8:b::1")),
        ),
        BOOT, V6,
        clear("eth3", "2001:db8:a::10", "2001:db8:f::20", 41) | clear("eth4", "2001:db8:a::10", "2001:db8:f::20", 41),
        "tun0",
    ),
    "a connected IPv6 route has the metric 256": Fact(
        east(WAN_6, ethernet("eth4", "2001:db8:2::1/64"), routes=(DEFAULT_6, route("2001:db8:2::/64", kind="unreachable", metric=254))),
        BOOT, V6, DROPPED,
    ),
    "the source is the first address of the interface": Fact(
        east(links=(ethernet("eth0", "192.0.2.10/24", "192.0.2.11/24"), LAN), routes=(route("0.0.0.0/0", "eth0"),)),
        BOOT, packet(""), clear("eth0", "192.0.2.10"),
    ),
    "the source is the address in the next hop's network": Fact(
        east(links=(ethernet("eth0", "198.51.100.7/24", "192.0.2.10/24"), LAN)), BOOT, packet(""), clear("eth0", "192.0.2.10")
    ),
    "an interface without an address borrows a source": Fact(
        east(ethernet("eth1"), routes=(route("10.2.0.0/24", "eth1"),)), BOOT, packet(""), clear("eth1", "192.0.2.10")
    ),
    "an IPv6 source has the label of the destination": Fact(
        east(ethernet("eth3", "2001:db8:a::10/64", "2001:1f::1/64"), routes=(DEFAULT_6,)),
        BOOT, packet("", "2001:20::9"), clear("eth3", "2001:db8:a::10", "2001:20::9"), asked=False,
    ),
    "an IPv6 source has the longest common prefix": Fact(
        east(ethernet("eth3", "2001:db8:a::10/64", "2001:db9:a::10/64"), routes=(DEFAULT_6,)),
        BOOT, packet("", "2001:db8:2::9"), clear("eth3", "2001:db8:a::10", "2001:db8:2::9"),
    ),
    "an IPv4 address stays local when its link goes down": Fact(
        east(replace(WAN_2, up=False)), BOOT, packet(destination="198.51.100.10"), DELIVERED
    ),
    "an IPv6 address does not": Fact(
        east(WAN_6, replace(ethernet("eth4", "2001:db8:2::9/64"), up=False), routes=(DEFAULT_6,)),
        BOOT, V6, clear("eth3", "2001:db8:1::5", "2001:db8:2::9"),
    ),
    "an IPv6 address on a dummy that was never up is local": Fact(
        east(WAN_6, replace(ethernet("dum1", "2001:db8:2::9/64"), kind="dummy", up=False), routes=(DEFAULT_6,)),
        BOOT, V6, DELIVERED,
    ),
    "charon's route passes a blackhole": Fact(dummies(), FLUSHED, TO_DUMMY, clear("eth0", "10.10.0.1", "10.10.0.2")),  # type: ignore[arg-type]
    "a boot knows no route of charon's": Fact(dummies(), BOOT, TO_DUMMY, DROPPED),  # type: ignore[arg-type]
    "charon's route gives the source": Fact(
        east(children=(child(),)), UP, packet(""), encrypted()
    ),
    "charon's route leads the way to the peer": Fact(
        dummies(WAN_2, routes=(DEFAULT, HOLE, route("203.0.113.20/32", "198.51.100.1"))),  # type: ignore[arg-type]
        FLUSHED, TO_DUMMY, clear("eth1", "10.10.0.1", "10.10.0.2"),
    ),
    "charon's route for a bypass leads to its network": Fact(
        east(
            WAN_2,
            routes=(DEFAULT, route("10.1.0.0/16", "198.51.100.1"), route("10.1.5.0/24", kind="blackhole")),
            children=(child("10.1.0.0/16", "10.1.0.0/16", mode="pass"),),
        ),
        UP, packet(destination="10.1.5.9"), clear("eth1", "10.1.0.5", "10.1.5.9"),
    ),
    "charon makes its routes while the network is undisturbed": Fact(
        dummies(WAN_2, routes=(DEFAULT, DEFAULT_2, HOLE)),  # type: ignore[arg-type]
        state("flushed", move=Move("wan-down", "eth0")), TO_DUMMY, DROPPED,
    ),
    "charon makes no route without a local address in the selector": Fact(
        east(DUMMY, routes=(DEFAULT, HOLE), children=(child("10.77.0.0/24", "10.10.0.2/32"),)),
        FLUSHED, packet("10.77.0.5", "10.10.0.2"), DROPPED,
    ),
    "charon makes no route for a selector with a protocol": Fact(
        dummies(made=narrow("10.10.0.1/32", "10.10.0.2/32", 1)), FLUSHED, TO_DUMMY, DROPPED,  # type: ignore[arg-type]
    ),
    "charon makes no route in transport mode": Fact(
        dummies(made=replace(DUMMIES, mode="transport")), FLUSHED, TO_DUMMY, DROPPED,  # type: ignore[arg-type]
    ),
    "charon makes no route for an interface id": Fact(
        dummies(made=replace(DUMMIES, if_id=1)), FLUSHED, TO_DUMMY, DROPPED,  # type: ignore[arg-type]
    ),
    "charon makes no routes where it is told so": Fact(
        dummies(install_routes=False), FLUSHED, TO_DUMMY, DROPPED,  # type: ignore[arg-type]
    ),
    "charon makes no route by a blackhole": Fact(
        dummies(routes=(DEFAULT, HOLE, route("203.0.113.20/32", kind="blackhole"))),  # type: ignore[arg-type]
        FLUSHED, TO_DUMMY, clear("eth0", "10.10.0.1", "10.10.0.2"),
    ),
    "towards a peer that is any charon's route is the default": Fact(
        east(DUMMY, routes=(DEFAULT, HOLE), connections=(west(DUMMIES, remote_addrs=()),)),
        FLUSHED, TO_DUMMY, clear("eth0", "10.10.0.1", "10.10.0.2"),
    ),
    "NAT looks at the interface that ESP leaves by": Fact(
        east(
            WAN_2, routes=(replace(DEFAULT_2, metric=1), route("203.0.113.20/32", "192.0.2.1")),
            children=(child(),), source_nat=(MASQUERADE,), install_routes=False,
        ),
        UP, packet(), clear("eth1", "192.0.2.10"),
    ),
}  # fmt: skip


def steered(*routes: Route, rules: tuple[Rule, ...] = (Rule(100, 100, 4, 5),), **match: object) -> Plan:
    """Policy routing for what comes in by eth2: a mark, and a rule that leads it to table 100 (out by eth1)."""
    mark = replace(MarkRule(family=4, mark=5, in_links=("eth2",)), **match)
    own = routes or (route("0.0.0.0/0", "198.51.100.1", table=100),)
    return east(WAN_2, routes=(DEFAULT, *own), rules=rules, marks=(mark,))


def with_settings(*settings: tuple[str, str], **more: object) -> Plan:
    return replace(east(**more), sysctls=tuple(Sysctl(*one) for one in settings))  # type: ignore[arg-type]


STEERED: dict[str, Fact] = {
    "a mark leads to the table of its rule": Fact(steered(), BOOT, packet(), clear("eth1")),
    "what the router sends itself has no mark": Fact(steered(), BOOT, packet("10.1.0.1"), clear("eth0", "10.1.0.1")),
    "a mark is for what comes in by its interfaces": Fact(steered(in_links=("eth1",)), BOOT, packet(), clear("eth0")),
    "a mark looks at the source": Fact(
        steered(source=Prefix.parse("10.3.0.0/24")), BOOT, packet(), clear("eth0")
    ),
    "a mark looks at the destination": Fact(
        steered(destination=Prefix.parse("10.3.0.0/24")), BOOT, packet(), clear("eth0")
    ),
    "a mark looks at the protocol": Fact(steered(protocol=17), BOOT, packet(), clear("eth0")),
    "a match of a mark may be turned round": Fact(
        steered(protocol=17, negated=frozenset({"protocol"})), BOOT, packet(), clear("eth1")
    ),
    "a mark without a rule leads nowhere": Fact(steered(mark=6), BOOT, packet(), clear("eth0")),
    "a table without a route leads to the next rule": Fact(
        steered(route("10.9.0.0/16", "198.51.100.1", table=100)), BOOT, packet(), clear("eth0")
    ),
    "a blackhole in a table ends the search": Fact(
        steered(route("0.0.0.0/0", kind="blackhole", table=100)), BOOT, packet(), DROPPED
    ),
    "a rule without a mark leads everybody": Fact(
        steered(rules=(Rule(100, 100, 4),)), BOOT, packet("10.1.0.1"), clear("eth1", "10.1.0.1")
    ),
    "a rule behind the main table's is asked after it": Fact(
        steered(rules=(Rule(40000, 100, 4),)), BOOT, packet(), clear("eth0")
    ),
    "an interface may forward nothing": Fact(
        with_settings(("net.ipv4.conf.eth2.forwarding", "0")), BOOT, packet(), DROPPED, asked=False
    ),
    "the router may forward no IPv4": Fact(
        with_settings(("net.ipv4.ip_forward", "0")), BOOT, packet(), DROPPED, asked=False
    ),
    "what the router sends itself is not forwarded": Fact(
        with_settings(("net.ipv4.ip_forward", "0")), BOOT, packet("10.1.0.1"), clear("eth0", "10.1.0.1"), asked=False
    ),
    "the router may forward no IPv6": Fact(
        with_settings(
            ("net.ipv6.conf.all.forwarding", "0"), links=(WAN, LAN, WAN_6), routes=(DEFAULT_6,)
        ),
        BOOT, V6, DROPPED, asked=False,
    ),
    "a strict filter believes no source whose way back is another": Fact(
        with_settings(("net.ipv4.conf.eth2.rp_filter", "1")), BOOT, packet("10.9.0.5"), DROPPED, asked=False
    ),
    "a loose filter believes what has a way back": Fact(
        with_settings(("net.ipv4.conf.eth2.rp_filter", "2")), BOOT, packet("10.9.0.5"), clear("eth0", "10.9.0.5"), asked=False
    ),
    "of the filters for all and of the interface the larger number is in force": Fact(
        with_settings(("net.ipv4.conf.all.rp_filter", "2"), ("net.ipv4.conf.eth2.rp_filter", "1")),
        BOOT, packet("10.9.0.5"), clear("eth0", "10.9.0.5"), asked=False,
    ),
}  # fmt: skip
FACTS |= STEERED


@pytest.mark.parametrize("says", FACTS)
def test_all_three_say_what_the_kernel_does(says: str) -> None:
    fact = FACTS[says]
    case = (fact.plan, fact.situation, fact.packet, fact.device)
    assert by_walk(*case) == fact.ends
    assert by_sets(*case) == fact.ends
    if fact.asked:
        assert by_opinion(*case) == fact.ends


def test_an_ipv6_lookup_by_a_device_without_a_source_passes_over_a_blackhole() -> None:
    """The judge's seed 22001257: a VXLAN bound to its interface. No device that is followed asks like that today."""
    plan = east(WAN_6, routes=(DEFAULT_6, route("2001:db8:f::/64", kind="blackhole")))
    far = Address.parse("2001:db8:f::20")
    hits = Lookup(PlanIndex(plan)).ways(6, (far.value, far.value), ANYTIME, "eth3")

    assert [found.link for found in lookup(kernel_in(plan, BOOT), far, "eth3")] == ["eth3"]
    assert {hit.link for hit in hits if hit.route is not None} == {"eth3"}
    assert {way.link for way in Oracle(plan, BOOT).ways(ip(far), "eth3")} == {"eth3"}
