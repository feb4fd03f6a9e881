"""The lab's network, as a value: every wire has both ends, and everybody on it has an address of their own."""

from __future__ import annotations

import re
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_sample import EVERY_PAIR, end_of, ends_of, setup_of, text_of

from sapper.address import Address, Attached, Family, Prefix
from sapper.kernel.plan import Connection, Link, Plan, Route
from sapper.lab.run import prepare
from sapper.lab.topology import NAT, NET, Topology, infer, underlay_of

DEFAULT_EAST = "set protocols static route 0.0.0.0/0 next-hop 192.0.2.1\n"
DEFAULT_WEST = "set protocols static route 0.0.0.0/0 next-hop 203.0.113.1\n"
FAMILIES: tuple[Family, ...] = (4, 6)
PICTURE_ROLES = {NET: "network", NAT: "nat", "east": "router", "west": "router"}


def link_of(topology: Topology, node: str, name: str) -> Link:
    link = topology.plans[node].link(name)
    assert link is not None, (node, name)
    return link


def addresses_at(topology: Topology, node: str, name: str) -> list[Address]:
    return [attached.address for attached in link_of(topology, node, name).addresses]


def wires_are_whole(topology: Topology) -> None:
    """Each Ethernet interface of each node is at the end of exactly one wire, and nothing else is."""
    ends = [end for a, a_link, b, b_link in topology.wires for end in ((a, a_link), (b, b_link))]
    there = [(n, link.name) for n, plan in topology.plans.items() for link in plan.links if link.kind == "ethernet"]
    assert sorted(ends) == sorted(there)
    assert all(node == plan.name for node, plan in topology.plans.items())


def names_are_safe(topology: Topology) -> None:
    for node, plan in topology.plans.items():
        assert re.fullmatch(r"[A-Za-z0-9+_][A-Za-z0-9+_.@-]*", node), node
        for link in plan.links:
            # dev_valid_name() of the kernel: 15 bytes, no slash, no colon, no space.
            assert re.fullmatch(r"[A-Za-z0-9+_.-]{1,15}", link.name), link.name


def addresses_are_distinct(topology: Topology) -> None:
    for a, a_link, b, b_link in topology.wires:
        both = addresses_at(topology, a, a_link) + addresses_at(topology, b, b_link)
        assert max(Counter(both).values(), default=1) == 1, (a, b, both)
    for node in topology.plans.keys() - set(topology.routers):
        own = {attached.address for link in topology.plans[node].links for attached in link.addresses}
        for router in topology.routers:
            assert not own & set(addresses_at(topology, router, underlay_of(topology.plans[router]).name)), node


def next_hops_answer(topology: Topology) -> None:
    """Every next hop on an underlay is at the far end of its wire, or it is the other router's own address."""
    for router in topology.routers:
        plan = topology.plans[router]
        underlay = underlay_of(plan)
        vantage = topology.vantages[router]
        assert (router, underlay.name, vantage.node, vantage.link) in topology.wires
        assert vantage.router_link == underlay.name
        there = set(addresses_at(topology, vantage.node, vantage.link))
        (other,) = set(topology.routers) - {router}
        there |= {item.address for link in topology.plans[other].links for item in link.addresses}
        hops = {route.via for route in plan.routes if route.via is not None and route.link in (None, underlay.name)}
        for hop in hops:
            if any(hop in attached.prefix for attached in underlay.addresses):
                assert hop in there, (router, hop)


def the_network_knows_its_neighbours(topology: Topology) -> None:
    """Host routes of their own: a connected prefix would mix up two wires with the same network."""
    for a, a_link, b, b_link in topology.wires:
        if b in (NET, NAT) and a != NET:
            known = {(route.prefix, route.link) for route in topology.plans[b].routes}
            assert {(Prefix.host(address), b_link) for address in addresses_at(topology, a, a_link)} <= known


def hosts_can_answer(topology: Topology) -> None:
    for host in topology.hosts:
        plan = topology.plans[host.node]
        near = link_of(topology, host.router, host.router_link)
        assert near.up
        assert list(host.addresses) == [item.address for item in link_of(topology, host.node, "eth0").addresses]
        families = Counter(route.prefix.family for route in plan.routes)
        assert max(families.values(), default=1) == 1
        for address in host.addresses if near.addresses else ():
            assert any(address in attached.prefix for attached in near.addresses)
            assert families[address.family] == 1


def check(topology: Topology) -> None:
    """All of it, for any pair."""
    wires_are_whole(topology)
    names_are_safe(topology)
    addresses_are_distinct(topology)
    next_hops_answer(topology)
    the_network_knows_its_neighbours(topology)
    hosts_can_answer(topology)
    ends = {(wire[0], wire[1]) for wire in topology.wires} | {(wire[2], wire[3]) for wire in topology.wires}
    seen = {*topology.routers, *topology.nats}
    assert set(topology.captures) == {(node, link) for node, link in ends if node in seen}


@pytest.mark.parametrize("name", EVERY_PAIR)
def test_every_pair_of_the_project_has_a_whole_network(name: str) -> None:
    topology = setup_of(name).topology

    check(topology)
    assert {host.router for host in topology.hosts} <= {"east", "west"}


@pytest.mark.parametrize("name", ["canonical", "nat"])
def test_the_picture_has_every_node_and_wire(name: str) -> None:
    topology = setup_of(name).topology
    nodes, wires = topology.nodes_for_report(), topology.wires_for_report()

    assert [node.name for node in nodes] == list(topology.plans)
    assert all(node.role == PICTURE_ROLES.get(node.name, "host") for node in nodes)
    assert {wire.a.split(":")[0] for wire in wires} | {wire.b.split(":")[0] for wire in wires} == set(
        topology.plans
    )
    assert ("192.0.2.10/24",) in [wire.a_addresses for wire in wires] or name == "nat"


def test_without_nat_the_network_is_in_front_of_both() -> None:
    topology = setup_of("canonical").topology

    assert [topology.vantages[router].node for router in topology.routers] == [NET, NET]
    assert {str(item) for link in topology.plans[NET].links for item in link.addresses} == {
        "192.0.2.1/24",
        "203.0.113.1/24",
    }
    assert {host.node: [str(item) for item in host.addresses] for host in topology.hosts} == {
        "eth1@east": ["10.1.0.10"],
        "eth1@west": ["10.2.0.10"],
    }


def test_a_nat_box_is_in_front_of_the_router_that_was_named() -> None:
    topology = setup_of("nat").topology

    box = topology.plans[NAT]
    assert topology.vantages["east"].node == NAT
    assert topology.vantages["west"].node == NET
    assert [rule.action for rule in box.source_nat] == ["masquerade"]
    assert box.source_nat[0].out_link == "out"
    (way,) = [route.via for route in box.routes if route.prefix.length == 0]
    (outside,) = [(b, b_link) for a, a_link, b, b_link in topology.wires if (a, a_link) == (NAT, "out")]
    assert way in addresses_at(topology, *outside)
    # The router's private address is nowhere beyond the box.
    assert Prefix.parse("192.168.99.2/32") not in {route.prefix for route in topology.plans[NET].routes}


def test_the_nat_boxes_way_out_is_not_the_other_router() -> None:
    """West sits where the box would look for its next hop first."""
    west = end_of(
        text_of("nat", "west", ("remote-address 'any'", "remote-address '203.0.113.7'")).replace(
            "203.0.113.20", "203.0.113.10"
        ),
        "west.set",
    )
    east = end_of(text_of("nat", "east", ("203.0.113.20", "203.0.113.10")))

    check(prepare("pair", east, west, "east").topology)


def test_two_routers_in_one_network() -> None:
    east = end_of(text_of("canonical", "east", ("203.0.113.20", "192.0.2.20")))
    west = end_of(
        text_of("canonical", "west", ("203.0.113.20", "192.0.2.20"), ("203.0.113.1", "192.0.2.1")), "west.set"
    )

    topology = prepare("pair", east, west).topology

    check(topology)
    gateway = [Address.parse("192.0.2.1")]
    assert [addresses_at(topology, NET, vantage.link) for vantage in topology.vantages.values()] == [gateway] * 2


def test_two_routers_that_are_each_others_gateway() -> None:
    east = end_of(text_of("canonical", "east", ("203.0.113.20", "192.0.2.20"), ("192.0.2.1\n", "192.0.2.20\n")))
    west = end_of(
        text_of("canonical", "west", ("203.0.113.20", "192.0.2.20"), ("203.0.113.1", "192.0.2.10")), "west.set"
    )

    topology = prepare("pair", east, west).topology

    # The network must not have those addresses: it would keep what is meant for the routers.
    check(topology)
    assert all(not addresses_at(topology, NET, vantage.link) for vantage in topology.vantages.values())


@pytest.mark.parametrize("nat", [None, "east"])
def test_no_gateway_anywhere(nat: str | None) -> None:
    pair_name, default = ("nat", DEFAULT_EAST.replace("192.0.2.1", "192.168.99.1")) if nat else ("canonical", "")
    east = end_of(text_of(pair_name, "east", (default or DEFAULT_EAST, "")))
    west = end_of(text_of(pair_name, "west", (DEFAULT_WEST, "")), "west.set")

    topology = prepare("pair", east, west, nat).topology

    check(topology)
    for vantage in topology.vantages.values():
        between = topology.plans[vantage.node]
        sysctls = {sysctl.name: sysctl.value for sysctl in between.sysctls}
        assert sysctls["net.ipv4.conf.all.proxy_arp"] == "1"
        assert sysctls[f"net.ipv4.neigh.{vantage.link}.proxy_delay"] == "0"


def test_ipv6_without_gateway_gets_one_as_by_router_advertisement() -> None:
    """Proxy ARP has no counterpart for whole networks."""
    east, west = (
        end_of(
            re.sub(r"set protocols static route6? ::/0.*\n", "", text_of("ip6ip6-dummy", router)), f"{router}.set"
        )
        for router in ("east", "west")
    )

    topology = prepare("pair", east, west).topology

    check(topology)
    for router, vantage in topology.vantages.items():
        (default,) = [
            route
            for route in topology.plans[router].routes
            if route.prefix == Prefix.everything(6) and route.kind == "unicast"
        ]
        assert default.link == vantage.router_link
        assert default.via in addresses_at(topology, vantage.node, vantage.link)


def test_an_address_by_dhcp_is_given_by_the_lab() -> None:
    east = end_of(
        text_of(
            "nat", "east", ("eth0 address '192.168.99.2/24'", "eth0 address 'dhcp'"), ("192.168.99.2", "any")
        ).replace("next-hop 192.168.99.1", "next-hop 198.18.1.1")
    )

    topology = prepare("pair", east, ends_of("nat")[1]).topology

    check(topology)
    assert addresses_at(topology, "east", "eth0") == [Address.parse("198.18.1.10")]
    assert addresses_at(topology, NET, topology.vantages["east"].link) == [Address.parse("198.18.1.1")]


def with_lan(*addresses: str, up: bool = True, vif: bool = False) -> Topology:
    """The canonical pair with other addresses on East's LAN."""
    interface = "eth1 vif 5" if vif else "eth1"
    words = "".join(f"set interfaces ethernet {interface} address '{address}'\n" for address in addresses)
    words += "" if up else "set interfaces ethernet eth1 disable\n"
    east = end_of(text_of("canonical", "east", ("set interfaces ethernet eth1 address '10.1.0.1/24'\n", words)))
    topology = prepare("pair", east, ends_of("canonical")[1]).topology
    check(topology)
    return topology


def hosts_of(topology: Topology) -> list[list[str]]:
    return [[str(address) for address in host.addresses] for host in topology.hosts if host.router == "east"]


@pytest.mark.parametrize(
    ("own", "host"),
    [
        ("10.1.0.1/24", "10.1.0.10"),
        ("10.1.0.10/24", "10.1.0.1"),
        ("10.1.0.1/30", "10.1.0.2"),
        ("10.1.0.2/30", "10.1.0.1"),
        ("10.1.0.0/31", "10.1.0.1"),
        ("10.1.0.1/31", "10.1.0.0"),
        ("2001:db8:1::1/64", "2001:db8:1::a"),
        ("2001:db8:1::1/127", "2001:db8:1::"),
    ],
)
def test_a_host_has_a_free_address_of_the_lan(own: str, host: str) -> None:
    assert hosts_of(with_lan(own)) == [[host]]


def test_a_lan_without_room_has_no_host() -> None:
    assert hosts_of(with_lan("10.1.0.1/32")) == []
    assert hosts_of(with_lan("fe80::1/64")) == []
    assert hosts_of(with_lan("10.1.0.1/24", up=False)) == []


def test_one_host_address_for_each_network_of_a_lan() -> None:
    assert hosts_of(with_lan("10.1.0.1/24", "10.1.0.10/24", "10.9.0.1/24", "2001:db8:1::1/64")) == [
        ["10.1.0.2", "10.9.0.10", "2001:db8:1::a"]
    ]


def test_a_vlan_has_no_wire_of_its_own() -> None:
    """The kernel makes it on top of the Ethernet interface, which has one."""
    assert hosts_of(with_lan("10.1.0.1/24", vif=True)) == []


@given(st.text(min_size=1, max_size=100), st.text(min_size=1, max_size=100))
def test_no_name_is_unsafe_whatever_the_files_are_called(first: str, second: str) -> None:
    east, west = (end_of(text, "router.set", name) for text, name in zip(TEXTS, (first, second), strict=True))

    check(prepare("pair", east, west, first).topology)


TEXTS = (text_of("nat", "east"), text_of("nat", "west"))


def router_plan(name: str, own: Attached, far: Address, gateway: Address | None) -> Plan:
    peer = Connection(
        name="peer", version=2, local_addrs=(own.address,), remote_addrs=(far,), proposals=(), children=()
    )
    default = Route(
        prefix=Prefix.everything(own.address.family),
        via=gateway,
        link=None if gateway else "eth0",
        assumed=not gateway,
    )
    return Plan(
        name=name,
        links=(Link(name="eth0", kind="ethernet", addresses=(own,)),),
        routes=(default,),
        connections=(peer,),
    )


@given(st.sampled_from(FAMILIES), st.data())
def test_any_addresses_of_the_routers(family: Family, data: st.DataObject) -> None:
    """Near or far, in large networks and in tiny ones, with and without a gateway."""
    width = 32 if family == 4 else 128
    start = Address.parse("192.0.2.0" if family == 4 else "2001:db8::").value
    numbers = st.integers(start, start + 40)
    values = data.draw(st.lists(numbers, min_size=2, max_size=2, unique=True))
    plans = []
    for at, name in enumerate(("east", "west")):
        own = Attached(Address(family, values[at]), data.draw(st.integers(width - 10, width)))
        hop = data.draw(st.none() | st.integers(own.prefix.first, own.prefix.last))
        gateway = None if hop in (None, values[at]) else Address(family, hop or 0)
        plans.append(router_plan(name, own, Address(family, values[1 - at]), gateway))

    check(infer(plans[0], plans[1], None))
    if family == 4:
        check(infer(plans[0], plans[1], "west"))


def test_a_plan_without_a_way_out_has_no_underlay() -> None:
    with pytest.raises(ValueError, match="no interface carries a default route"):
        underlay_of(Plan(name="east", links=(Link(name="eth0", kind="ethernet"),)))


def test_the_interface_with_the_peers_local_address_is_the_underlay() -> None:
    plan = router_plan("east", Attached.parse("192.0.2.10/24"), Address.parse("203.0.113.20"), None)
    other = Link(name="eth9", kind="ethernet", addresses=(Attached.parse("198.51.100.1/24"),), dynamic=True)

    assert underlay_of(msgspec.structs.replace(plan, links=(other, *plan.links))).name == "eth0"
