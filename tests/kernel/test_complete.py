"""What a fragment does not say is assumed for the worst, marked, and named in a sentence; a whole Plan is left alone."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sapper.address import Address, Attached, Prefix
from sapper.kernel.complete import ASSUMED_WAN, complete
from sapper.kernel.plan import Connection, Encapsulating, Link, Plan, Route

EAST, WEST = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
EAST_6, WEST_6 = Address.parse("2001:db8:1::10"), Address.parse("2001:db8:2::20")
ANYWHERE, ANYWHERE_6 = Prefix.everything(4), Prefix.everything(6)


def tunnel(local: Address | None = EAST, remote: Address = WEST, link: str | None = None) -> Link:
    outside = Encapsulating(protocol=47, local=local, remote=remote, link=link)
    return Link(name="tun0", kind="gre", addresses=(Attached.parse("10.0.0.1/29"),), encapsulating=outside)


def ethernet(name: str = "eth0", address: str = "192.0.2.10/24", **fields: object) -> Link:
    made = Link(name=name, kind="ethernet", addresses=(Attached.parse(address),) if address else ())
    return replace(made, **fields)


def default(via: str = "192.0.2.1") -> Route:
    return Route(prefix=ANYWHERE, via=Address.parse(via), metric=1)


def connection(local: Address | None = EAST, remote: Address | None = WEST) -> Connection:
    return Connection(
        name="west",
        title="west",
        version=2,
        local_addrs=(local,) if local else (),
        remote_addrs=(remote,) if remote else (),
        proposals=(),
        children=(),
    )


def test_a_whole_plan_is_left_alone() -> None:
    plan = Plan(name="east", links=(ethernet(), tunnel()), routes=(default(),), connections=(connection(),))
    assert complete(plan) == plan


def test_a_bare_tunnel_gets_a_wan_an_address_and_a_default_route() -> None:
    plan = complete(Plan(name="east", links=(tunnel(),)))
    wan = plan.link(ASSUMED_WAN)
    assert wan is not None
    assert (wan.kind, wan.assumed, wan.addresses) == ("ethernet", True, (Attached(EAST, 32),))
    (route,) = plan.routes
    assert (route.prefix, route.link, route.assumed) == (ANYWHERE, ASSUMED_WAN, True)
    said = " ".join(plan.assumptions)
    for word in (ASSUMED_WAN, "untrusted", str(EAST), "default route"):
        assert word in said


def test_the_wan_that_is_there_is_used() -> None:
    plan = complete(Plan(name="east", links=(ethernet(), tunnel())))
    assert plan.link(ASSUMED_WAN) is None
    assert [(route.link, route.assumed) for route in plan.routes] == [("eth0", True)]


def test_a_lan_alone_is_not_taken_for_the_wan() -> None:
    plan = complete(Plan(name="east", links=(ethernet("eth1", "10.1.0.1/24"), tunnel())))
    assert plan.routes[0].link == ASSUMED_WAN


def test_dhcp_is_a_sign_of_a_wan_and_gives_the_default_route() -> None:
    plan = complete(Plan(name="east", links=(ethernet("eth1", "10.1.0.1/24"), ethernet("eth0", "", dynamic=True))))
    assert plan.routes[0].link == "eth0"
    assert any("DHCP" in sentence for sentence in plan.assumptions)


def test_the_next_hop_of_the_default_route_shows_the_wan() -> None:
    links = (ethernet("eth1", "10.1.0.1/24"), ethernet("eth0", "192.0.2.9/24"), tunnel())
    plan = complete(Plan(name="east", links=links, routes=(default(),)))
    homed = [link.name for link in plan.links for attached in link.addresses if attached.address == EAST]
    assert homed == ["eth0"]
    assert plan.routes == (default(),)


def test_a_blackhole_for_everything_is_a_default_route_too() -> None:
    hole = Route(prefix=ANYWHERE, kind="blackhole", metric=254)
    plan = complete(Plan(name="east", links=(ethernet(), tunnel()), routes=(hole,)))
    assert plan.routes == (hole,)


def test_both_families_are_asked_after() -> None:
    plan = complete(Plan(name="east", links=(tunnel(EAST_6, WEST_6),)))
    assert {route.prefix for route in plan.routes if route.assumed} == {ANYWHERE, ANYWHERE_6}
    wan = plan.link(ASSUMED_WAN)
    assert wan is not None
    assert Attached(EAST_6, 128) in wan.addresses


def test_an_address_of_a_peer_or_a_tunnel_needs_a_home_and_a_dummys_has_one() -> None:
    dum0 = Link(name="dum0", kind="dummy", addresses=(Attached.parse("10.10.0.1/32"),))
    plan = complete(
        Plan(name="east", links=(dum0, tunnel(Address.parse("10.10.0.1"))), connections=(connection(),))
    )
    wan = plan.link(ASSUMED_WAN)
    assert wan is not None
    assert wan.addresses == (Attached(EAST, 32),)


def test_an_interface_that_is_only_named_is_an_untrusted_ethernet() -> None:
    routes = (Route(prefix=Prefix.parse("10.2.0.0/24"), link="eth7", metric=1),)
    plan = complete(Plan(name="east", links=(ethernet(), tunnel(link="eth8")), routes=routes))
    for name in ("eth7", "eth8"):
        link = plan.link(name)
        assert link is not None
        assert (link.kind, link.assumed) == ("ethernet", True)
        assert any(name in sentence for sentence in plan.assumptions)


def test_a_local_address_of_any_is_the_wans_only_one() -> None:
    plan = complete(Plan(name="east", links=(ethernet(),), routes=(default(),), connections=(connection(None),)))
    assert plan.connections[0].local_addrs == (EAST,)
    assert any("any" in sentence for sentence in plan.assumptions)


def test_it_stays_any_where_it_could_be_another() -> None:
    two = ethernet(addresses=(Attached.parse("192.0.2.10/24"), Attached.parse("192.0.2.11/24")))
    leased = ethernet(dynamic=True)
    for link in (two, leased):
        plan = complete(Plan(name="east", links=(link,), routes=(default(),), connections=(connection(None),)))
        assert plan.connections[0].local_addrs == ()
    from_eth2 = replace(connection(None), leased_from="eth2")
    plan = complete(Plan(name="east", links=(ethernet(),), routes=(default(),), connections=(from_eth2,)))
    assert plan.connections[0].local_addrs == ()
    far_any = Plan(name="east", links=(ethernet(),), routes=(default(),), connections=(connection(None, None),))
    assert complete(far_any).connections[0].local_addrs == ()


addresses = st.sampled_from(["192.0.2.10/24", "10.1.0.1/24", "2001:db8:1::10/64", "203.0.113.1/30", ""])
fragments = st.builds(
    lambda wired, dynamic, ends, routes, peers: Plan(
        name="east",
        links=(
            *(ethernet(f"eth{index}", text, dynamic=dynamic) for index, text in enumerate(wired)),
            *(replace(tunnel(*pair), name=f"tun{index}") for index, pair in enumerate(ends)),
        ),
        routes=tuple(routes),
        connections=tuple(connection(*pair) for pair in peers[:1]),
    ),
    st.lists(addresses, max_size=3),
    st.booleans(),
    st.lists(st.sampled_from([(EAST, WEST), (EAST_6, WEST_6), (None, WEST)]), max_size=2),
    st.lists(st.sampled_from([default(), default("10.1.0.9"), Route(prefix=ANYWHERE_6, link="eth9")]), max_size=2),
    st.lists(st.sampled_from([(EAST, WEST), (EAST_6, WEST_6), (None, WEST), (None, None)]), max_size=1),
)


@given(fragments)
def test_completing_twice_changes_nothing_and_nothing_configured_is_lost(plan: Plan) -> None:
    once = complete(plan)
    assert complete(once) == once
    assert {link.name for link in plan.links} <= {link.name for link in once.links}
    assert once.routes[: len(plan.routes)] == plan.routes
    assert len(once.connections) == len(plan.connections)


@given(fragments)
def test_after_completion_every_family_of_a_tunnel_has_a_way_out_and_every_end_a_home(plan: Plan) -> None:
    once = complete(plan)
    carried = {attached.address for link in once.links for attached in link.addresses}
    for link in once.links:
        if link.encapsulating and link.encapsulating.local:
            assert link.encapsulating.local in carried
        if link.encapsulating and link.encapsulating.remote:
            far = ip_address(str(link.encapsulating.remote))
            assert any(far in ip_network(str(route.prefix)) for route in once.routes)


@given(fragments)
def test_every_assumed_part_is_named(plan: Plan) -> None:
    once = complete(plan)
    said = " ".join(once.assumptions)
    for link in once.links:
        assert not link.assumed or link.name in said
    for route in once.routes:
        assert not route.assumed or f"IPv{route.prefix.family} default route" in said
