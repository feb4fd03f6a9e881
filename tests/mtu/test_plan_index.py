"""The index of a Plan beside walks over the whole Plan, on small random ones where everything collides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Child, Connection, Link, MssClamp, Plan, Route, Selector
from sapper.mtu.plan_index import NOT_ON_THE_WIRE, PlanIndex
from sapper.mtu.underlay import Underlay, underlay_of

ADDRESSES = [Address.parse(text) for text in ("10.0.0.1", "10.0.0.2", "10.0.1.1", "10.9.0.1", "2001:db8::1")]
PREFIXES = [Prefix.parse(text) for text in ("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "10.0.0.1/32", "::/0")]
NAMES = ["eth0", "eth1", "dum0", "tun0"]
KINDS = st.sampled_from(["ethernet", "dummy", "gre"])

attached = st.builds(Attached, st.sampled_from(ADDRESSES[:4]), st.sampled_from([8, 24, 32]))
links = st.lists(
    st.builds(Link, name=st.sampled_from(NAMES), kind=KINDS, addresses=st.lists(attached, max_size=2).map(tuple)),
    max_size=4,
    unique_by=lambda link: link.name,
)
routes = st.lists(
    st.builds(
        Route,
        prefix=st.sampled_from(PREFIXES),
        via=st.none() | st.sampled_from(ADDRESSES),
        link=st.none() | st.sampled_from(NAMES),
        metric=st.integers(0, 2),
        table=st.sampled_from([254, 10]),
    ),
    max_size=5,
)
selectors = st.lists(st.builds(Selector, st.sampled_from(PREFIXES)), max_size=2).map(tuple)
children = st.lists(
    st.builds(
        Child,
        name=st.just("c"),
        mode=st.just("tunnel"),
        local_ts=selectors,
        remote_ts=selectors,
        esp_proposals=st.sampled_from([(), ("aes128-sha256",)]),
        if_id=st.none() | st.integers(1, 2),
    ),
    max_size=3,
).map(tuple)
ends = st.lists(st.sampled_from(ADDRESSES), max_size=2).map(tuple)
connections = st.lists(
    st.builds(
        Connection,
        name=st.just("c"),
        version=st.just(2),
        local_addrs=ends,
        remote_addrs=ends,
        proposals=st.just(()),
        children=children,
    ),
    max_size=4,
)
clamps = st.lists(
    st.builds(
        MssClamp,
        family=st.sampled_from([4, 6]),
        bytes=st.none() | st.integers(1300, 1303),
        out_link=st.none() | st.sampled_from(NAMES),
    ),
    max_size=4,
)
plans = st.builds(
    Plan,
    name=st.just("r"),
    links=links.map(tuple),
    routes=routes.map(tuple),
    connections=connections.map(tuple),
    mss_clamps=clamps.map(tuple),
)


def walked_on_link(plan: Plan, address: Address) -> str | None:
    return next((link.name for link in plan.links if any(address in each.prefix for each in link.addresses)), None)


def walked_way(plan: Plan, address: Address) -> str | None:
    ways = [
        (each.prefix, 0, link.name)
        for link in plan.links
        if link.kind not in NOT_ON_THE_WIRE
        for each in link.addresses
    ]
    for route in plan.routes:
        hop = walked_on_link(plan, route.via) if route.via is not None else None
        if route.table == 254 and (route.link or hop):
            ways.append((route.prefix, route.metric, route.link or hop or ""))
    meeting = [(prefix.length, -metric, name) for prefix, metric, name in ways if address in prefix]
    return max(meeting)[2] if meeting else None


@given(plans, st.sampled_from(ADDRESSES))
def test_owners_neighbours_and_ways(plan: Plan, address: Address) -> None:
    index = PlanIndex(plan)
    owner, on_link = index.owner(address), index.on_link(address)
    assert (owner.name if owner else None) == next(
        (link.name for link in plan.links if address in [each.address for each in link.addresses]), None
    )
    assert (on_link.name if on_link else None) == walked_on_link(plan, address)
    assert index.way(address) == walked_way(plan, address)
    assert {link.name: link for link in plan.links} == index.links


def covers(selectors: tuple[Selector, ...], own: tuple[Address, ...], address: Address | None) -> bool:
    if address is None or not (selectors or own):
        return True
    return address in own if not selectors else any(address in selector.prefix for selector in selectors)


@given(plans, st.none() | st.sampled_from(ADDRESSES), st.none() | st.sampled_from(ADDRESSES))
def test_no_child_that_meets_is_left_out_and_they_come_in_order(
    plan: Plan, local: Address | None, remote: Address | None
) -> None:
    offered = list(PlanIndex(plan).offered(local, remote))
    orders = [each.order for each in offered]
    assert orders == sorted(orders)
    meeting = [
        child
        for connection in plan.connections
        for child in connection.children
        if child.esp_proposals
        and child.if_id is None
        and covers(child.local_ts, connection.local_addrs, local)
        and covers(child.remote_ts, connection.remote_addrs, remote)
    ]
    assert [id(child) for child in meeting if id(child) not in {id(each.child) for each in offered}] == []


@given(plans, st.integers(1, 2), st.sampled_from(NAMES), st.sampled_from([4, 6]), st.integers(1299, 1304))
def test_bound_children_and_clamps(plan: Plan, if_id: int, name: str, family: int, mss: int) -> None:
    index = PlanIndex(plan)
    bound = index.bound_to(if_id)
    first = [
        child
        for each in plan.connections
        for child in each.children
        if child.esp_proposals and child.if_id == if_id
    ]
    assert (bound.child if bound else None) == (first[0] if first else None)
    assert index.is_clamped(name, family, mss) == any(
        clamp.out_link == name and clamp.family == family and (clamp.bytes is None or clamp.bytes <= mss)
        for clamp in plan.mss_clamps
    )


def test_parents_that_name_each_other_come_to_an_end() -> None:
    plan = Plan(
        name="r",
        links=(
            Link(name="pppoe0", kind="pppoe", parent="pppoe1", mtu_bytes=1492),
            Link(name="pppoe1", kind="pppoe", parent="pppoe0", mtu_bytes=1492),
        ),
    )
    assert isinstance(underlay_of(PlanIndex(plan), "pppoe0", None, None), Underlay)
