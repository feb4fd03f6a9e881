"""From a Router's interfaces, routes and NAT to the Plan's, by the reference's sections 14, 15 and 21."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Attached, Prefix
from sapper.kernel.compile import compile_router
from sapper.kernel.links import encapsulation_of
from sapper.kernel.plan import Plan
from sapper.model.interface import Bridge, Dummy, Encapsulation, Ethernet, Tunnel
from sapper.model.origin import Origin
from sapper.model.router import Router
from sapper.model.routing import SourceNat, StaticRoute

HERE = Origin("here", 0, 0)
EAST, WEST = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
LAN, FAR = Prefix.parse("10.1.0.0/24"), Prefix.parse("10.2.0.0/24")


def compiled(**fields: object) -> Plan:
    return compile_router(Router(name="east", generation="1.4", **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("encapsulation", "kind", "protocol", "payload"),
    [
        ("gre", "gre", 47, None),
        ("gretap", "gretap", 47, None),
        ("ipip", "ipip", 4, None),
        ("sit", "sit", 41, None),
        ("ipip6", "ip6tnl", 4, 4),
        ("ip6ip6", "ip6tnl", 41, 41),
        ("ip6gre", "ip6gre", 47, None),
    ],
)
def test_encapsulations_become_kernel_kinds(
    encapsulation: Encapsulation, kind: str, protocol: int, payload: int | None
) -> None:
    tunnel = Tunnel(name="tun0", origin=HERE, encapsulation=encapsulation, local=EAST, remote=WEST, key=7)
    (link,) = compiled(tunnels=(tunnel,)).links
    made = link.encapsulating
    assert made is not None
    assert (link.kind, link.mtu_bytes, link.multicast, encapsulation_of(link)) == (kind, 1476, False, encapsulation)
    assert (made.protocol, made.payload, made.local, made.remote, made.key) == (protocol, payload, EAST, WEST, 7)
    assert made.encaplimit == (4 if kind.startswith("ip6") else None)


def test_the_other_links_and_their_masters() -> None:
    plan = compiled(
        ethernets=(
            Ethernet(name="eth0", origin=HERE, dynamic=("dhcp",), disabled=True),
            Ethernet(name="eth0.10", origin=HERE, parent="eth0", vlan=10),
        ),
        dummies=(Dummy(name="dum0", origin=HERE, addresses=(Attached.parse("10.10.0.1/32"),)),),
        bridges=(Bridge(name="br0", origin=HERE, members=("tun0",)),),
        tunnels=(Tunnel(name="tun0", origin=HERE, encapsulation="gretap", source_interface="eth0"),),
    )
    kinds = {link.name: link.kind for link in plan.links}
    assert kinds == {"eth0": "ethernet", "eth0.10": "vlan", "dum0": "dummy", "br0": "bridge", "tun0": "gretap"}
    eth0, vlan, tun0 = (plan.link(name) for name in ("eth0", "eth0.10", "tun0"))
    assert eth0
    assert vlan
    assert tun0
    assert tun0.encapsulating
    assert (eth0.up, eth0.dynamic, vlan.parent, vlan.vlan) == (False, True, "eth0", 10)
    assert (tun0.master, tun0.encapsulating.link) == ("br0", "eth0")


def test_the_distance_of_a_route_is_its_metric() -> None:
    plan = compiled(
        routes=(
            StaticRoute(prefix=FAR, origin=HERE, interface="vti0"),
            StaticRoute(prefix=FAR, origin=HERE, kind="unreachable", distance=254),
        )
    )
    assert [(route.kind, route.link, route.metric) for route in plan.routes] == [
        ("unicast", "vti0", 1),
        ("unreachable", None, 254),
    ]


def test_an_ipv6_route_stands_behind_connected_ones_as_far_as_its_distance_says() -> None:
    far = Prefix.parse("2001:db8:2::/64")
    routes = tuple(StaticRoute(prefix=far, origin=HERE, interface="vti0", distance=far_off) for far_off in (1, 254))
    assert [route.metric for route in compiled(routes=routes).routes] == [257, 510]


@given(st.lists(st.integers(1, 9999), unique=True, max_size=6))
def test_nat_rules_come_in_the_order_of_their_numbers(numbers: list[int]) -> None:
    rules = tuple(SourceNat(number=number, origin=HERE, exclude=number % 2 == 0) for number in numbers)
    made = compiled(source_nat=rules).source_nat
    assert [rule.number for rule in made] == sorted(numbers)
    assert all((rule.action == "accept") == (rule.number % 2 == 0) for rule in made)


def test_nat_actions() -> None:
    rules = (
        SourceNat(number=1, origin=HERE, exclude=True, translation=EAST),
        SourceNat(number=2, origin=HERE, translation=EAST, negated=("source",), source=LAN),
        SourceNat(number=3, origin=HERE, outbound="eth0"),
    )
    first, second, third = compiled(source_nat=rules).source_nat
    assert first.action == "accept"
    assert (second.action, second.to, second.negated) == ("snat", EAST, frozenset({"source"}))
    assert (third.action, third.out_link) == ("masquerade", "eth0")


def test_routes_of_charon_are_as_configured_and_nothing_unmodelled_is_forgotten() -> None:
    assert compiled().install_routes
    assert not compiled(route_autoinstall=False).install_routes
    gaps = compiled(
        unmodelled=("protocols bgp 65000", "firewall name WAN", "interfaces input ifb0", "something new")
    ).gaps
    assert gaps == (
        "protocols bgp 65000: may add ways",
        "firewall name WAN: may drop",
        "something new: may add ways",
    )


def test_the_same_router_gives_the_same_plan() -> None:
    def router() -> Router:
        return Router(name="east", generation="1.4", dummies=(Dummy(name="dum0", origin=HERE),))

    assert compile_router(router()) == compile_router(router())
