"""The network around any number of routers, behind any NAT, on any WANs: every wire is whole, everybody has a way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_sample import ends_of
from test_topology import addresses_are_distinct, hosts_can_answer, names_are_safe, wires_are_whole
from topology_sample import NAMES, hub_setup, mesh, routing_setup, sketched, topology_setup

from sapper.address import Address, Prefix
from sapper.kernel.plan import Plan, Route
from sapper.lab.routing import protocol_conf
from sapper.lab.run import Setup, prepare_all
from sapper.lab.topology import NET, Topology


def way(plan: Plan, destination: Address) -> Route | None:
    """The longest match, by the plain definition."""
    own = [Route(prefix=item.prefix, link=link.name) for link in plan.links for item in link.addresses]
    fitting = [route for route in (*plan.routes, *own) if destination in route.prefix and route.link != "void"]
    return max(fitting, key=lambda route: route.prefix.length, default=None)


def step(topology: Topology, node: str, destination: Address) -> str | None:
    """The node that a packet goes to from a network or a NAT box, by its routes and the wires; None: swallowed."""
    route = way(topology.plans[node], destination)
    if route is None:
        return None
    link = route.link
    if link is None:
        assert route.via is not None
        link = next(
            item.name
            for item in topology.plans[node].links
            if any(route.via in attached.prefix for attached in item.addresses)
        )
    for a, a_link, b, b_link in topology.wires:
        if (a, a_link) == (node, link):
            return b
        if (b, b_link) == (node, link):
            return a
    return None


def arrives(topology: Topology, start: str, destination: Address) -> bool:
    """Whether a packet that is at a network comes to a node that has the address, or to a NAT box that has it."""
    node: str | None = start
    for _ in range(10):
        if node is None:
            return False
        if any(item.address == destination for link in topology.plans[node].links for item in link.addresses):
            return True
        node = step(topology, node, destination)
    return False


def check(setup: Setup) -> None:
    topology = setup.topology
    wires_are_whole(topology)
    names_are_safe(topology)
    addresses_are_distinct(topology)
    hosts_can_answer(topology)
    for net in topology.nets:
        for router in topology.routers:
            for address in topology.outside[router]:
                if address.family == 4 or topology.vantages[router].node == net:
                    assert arrives(topology, net, address), (net, router, str(address))
    for router, vantage in topology.vantages.items():
        assert (router, vantage.router_link, vantage.node, vantage.link) in topology.wires


@pytest.mark.parametrize("name", NAMES)
def test_every_topology_of_the_project_is_whole(name: str) -> None:
    check(topology_setup(name))


@pytest.mark.parametrize("spokes", [1, 4, 20])
def test_a_hub_is_whole(spokes: int) -> None:
    setup = hub_setup(spokes)

    check(setup)
    assert len(setup.topology.hosts) == spokes + 1
    assert [node for node in setup.topology.plans if node == NET] == [NET]


def test_everybody_behind_a_box_of_his_own(tmp_path: Path) -> None:
    setup = sketched(mesh("a", "b"), '[[nat]]\nrouter = "a"\noutside = "192.0.2.1/24"\n', tmp_path)

    assert setup.topology.nats == ("nat",)
    assert setup.topology.outside["a"] == (Address.parse("192.0.2.1"),)


def test_a_chain_of_boxes() -> None:
    topology = topology_setup("nat-chain").topology

    assert topology.nats == ("nat@east", "nat2@east", "nat@west")
    assert topology.vantages["east"].node == "nat@east"
    inner, outer = topology.plans["nat@east"], topology.plans["nat2@east"]
    shared = next(link for link in inner.links if link.name == "out").addresses[0]
    assert shared.address in Prefix.parse("100.64.0.0/10")
    assert step(topology, "nat2@east", shared.address) == "nat@east"
    # What does not keep ports cannot be said in a Plan.
    assert outer.source_nat == ()
    assert "fully-random" in str(topology.furnishings["nat2@east"].nft)
    assert [rule.action for rule in inner.source_nat] == ["masquerade"]


def test_a_box_forwards_to_a_router_that_is_called_by_its_address() -> None:
    topology = topology_setup("double-nat").topology

    assert topology.plans["nat@east"].destination_nat == ()
    (rule,) = topology.plans["nat@west"].destination_nat
    assert (str(rule.destination), str(rule.to), rule.protocol) == ("198.51.100.77/32", "192.168.77.2", 17)


def test_two_wans_are_joined_and_isolated_ones_are_not(tmp_path: Path) -> None:
    joined = topology_setup("two-wans").topology
    east, west = (Address.parse(text) for text in ("192.0.2.10", "198.51.100.80"))

    assert joined.nets == ("isp1", "isp2")
    assert arrives(joined, "isp2", east)
    assert arrives(joined, "isp1", west)

    text = "".join(
        f'[[wan]]\nname = "w{at}"\nisolated = true\ninterfaces = ["{router}:eth0"]\n'
        for at, router in enumerate(("east", "west"))
    )
    apart = sketched(ends_of("canonical"), text, tmp_path).topology
    assert arrives(apart, "w0", east)
    assert not arrives(apart, "w1", east)


def test_delay_loss_mtu_and_silence_of_a_wan(tmp_path: Path) -> None:
    text = '[[wan]]\nname = "slow"\ndelay_ms = 20\nloss_percent = 0.5\nmtu = 1280\nicmp = false\n'
    topology = sketched(ends_of("canonical"), text, tmp_path).topology
    furnishing = topology.furnishings["slow"]

    assert furnishing.tc == tuple(
        f"qdisc add dev {link} root netem delay 20ms loss 0.5%" for link in ("first", "second")
    )
    assert sorted(furnishing.ip) == [
        "route replace 192.0.2.10/32 dev first mtu lock 1280",
        "route replace 203.0.113.20/32 dev second mtu lock 1280",
    ]
    assert "icmp" in str(furnishing.nft)
    assert topology_setup("two-wans").topology.furnishings.keys() == {"isp2"}


def test_neighbours_over_ipv6_on_different_wires_are_answered_for() -> None:
    furnishing = topology_setup("ipv6-underlay").topology.furnishings[NET]

    assert sorted(furnishing.ip) == [
        "neigh add proxy 2001:db8:0:1::10 dev second",
        "neigh add proxy 2001:db8:0:1::20 dev first",
    ]
    assert topology_setup("ipv6-vti").topology.furnishings["dark"].ip[0].startswith("route replace")


def test_an_attacker_is_a_host_with_a_way(tmp_path: Path) -> None:
    topology = sketched(ends_of("canonical"), '[[attacker]]\nname = "mallory"\n', tmp_path).topology

    assert topology.attackers == {"mallory": "eth0"}
    assert arrives(topology, NET, Address.parse("198.51.100.66"))
    assert {route.prefix.family for route in topology.plans["mallory"].routes} == {4, 6}


def test_hosts_of_a_lan_that_were_named(tmp_path: Path) -> None:
    text = '[[lan]]\nrouter = "east"\ninterface = "eth1"\nhosts = ["10.1.0.77", "10.1.0.78"]\n'
    topology = sketched(ends_of("canonical"), text, tmp_path).topology

    (host,) = [host for host in topology.hosts if host.router == "east"]
    assert [str(address) for address in host.addresses] == ["10.1.0.77", "10.1.0.78"]


@given(st.integers(2, 6), st.integers(0, 3), st.data())
def test_any_mesh_with_any_boxes(routers: int, boxes: int, data: st.DataObject) -> None:
    from sapper.lab.topology.sketch import NatBox, Sketch

    names = tuple(f"r{number}" for number in range(routers))
    hidden = data.draw(st.lists(st.sampled_from(names), min_size=boxes, max_size=boxes))
    # A router that is called by its own address cannot be behind a box: what is tried here is the drawing alone.
    from sapper.lab.pairing import gather
    from sapper.lab.topology import lay_out

    plans = [side.plan for side in gather(mesh(*names)).sides]
    topology = lay_out(plans, Sketch(nats=tuple(NatBox(router=name) for name in hidden)))

    wires_are_whole(topology)
    names_are_safe(topology)
    addresses_are_distinct(topology)
    assert len(topology.nats) == len(set(topology.nats)) == boxes
    assert all(arrives(topology, NET, address) for name in names for address in topology.outside[name])


def test_what_a_routing_protocol_brings_is_not_configured() -> None:
    setup = routing_setup("canonical", "ospf")
    east = setup.sides[0].plan

    assert Prefix.parse("10.2.0.0/24") not in {route.prefix for route in east.routes}
    assert Prefix.everything(4) in {route.prefix for route in east.routes}
    (daemon,) = [item for item in setup.topology.routing if item.router == "east"]
    assert daemon.networks == ("10.1.0.0/24",)
    assert "interface tun0\n ip ospf area 0\n" in protocol_conf(daemon)


def test_zebra_finds_a_blackholes_distance_in_the_highest_byte() -> None:
    """Else it takes the kernel's route for better than what it learns (zebra/rt_netlink.c)."""
    east = routing_setup("dummy-blackhole", "bgp").sides[0].plan

    (metric,) = {route.metric for route in east.routes if route.kind == "blackhole"}
    assert (metric >> 24, metric & 0xFFFFFF) == (254, 0)


def test_bgp_speaks_to_the_far_end_of_the_tunnel() -> None:
    topology = routing_setup("vti", "bgp").topology

    told = {item.router: protocol_conf(item) for item in topology.routing}
    assert "router bgp 65001\n" in told["east"]
    assert " neighbor 10.0.0.2 remote-as 65002\n" in told["east"]
    assert " neighbor 10.0.0.1 remote-as 65001\n" in told["west"]
    assert "  network 10.2.0.0/24\n" in told["west"]


def test_a_router_without_peer_among_the_others_is_in_no_mesh() -> None:
    assert len(prepare_all("mesh", mesh("a", "b", "c", "d")).topology.peers) == 4


def test_neighbours_through_a_network_are_known_to_each_other_beforehand() -> None:
    """Both are in one prefix, on two wires: the network answers solicitations for each of them."""
    ways = set(topology_setup("ipv6-underlay").topology.neighbours())

    assert ("east", "2001:db8:0:1::20", "west") in ways
    assert ("west", "2001:db8:0:1::10", "east") in ways
    assert all(here != there for here, _, there in ways)
    two_networks = topology_setup("two-wans").topology
    assert not {way for way in two_networks.neighbours() if way[0] == "east" and way[2] == "west"}
