"""One minimal case for each point where the walk and the second opinion once differed, and who was right.

In every one of them it was the second opinion, by the kernel's or charon's source that the case names. They stay as
cases of their own, because random routers come to most of them only once in thousands.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from brute_force import Ending, Oracle
from msgspec.structs import replace
from test_second_opinion import datagram, said

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Child, Connection, Encapsulating, Link, Plan, Route, Selector, SourceNatRule
from sapper.proof.facts.packet import Packet
from sapper.proof.states.effective import kernel_in
from sapper.proof.states.lifecycle import TABLE, Row
from sapper.proof.states.situation import Move, Situation
from sapper.proof.walk.walk import End, hand_to_device, walk

Asked = tuple[Plan, Situation, Packet, str | None]
Case = Callable[[], Asked]

EAST, WEST = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
WAN = Link(name="eth0", kind="ethernet", addresses=(Attached(EAST, 24),))
WAN_2 = Link(name="eth1", kind="ethernet", addresses=(Attached.parse("198.51.100.10/24"),))
LAN = Link(name="eth2", kind="ethernet", addresses=(Attached.parse("10.1.0.1/24"),))
VTI = Link(
    name="vti0", kind="xfrm", up=False, addresses=(Attached.parse("10.0.9.1/29"),), if_id=1, raised_by="child"
)
DEFAULT = Route(prefix=Prefix.everything(4), via=Address.parse("192.0.2.1"), metric=1)
DEFAULT_2 = Route(prefix=Prefix.everything(4), via=Address.parse("198.51.100.1"), metric=1)
TO_PEER = Route(prefix=Prefix.host(WEST), via=Address.parse("192.0.2.1"), metric=1)
FAR = Prefix.parse("10.2.0.0/24")
MASQUERADE = SourceNatRule(number=100, action="masquerade", out_link="eth0")


def row(label: str) -> Row:
    return next(item for item in TABLE if item.label == label)


def child(local: str, remote: str, **fields: object) -> Child:
    near, far = (Selector(Prefix.parse(local)),), (Selector(Prefix.parse(remote)),)
    made = Child(name="child", mode="tunnel", local_ts=near, remote_ts=far, esp_proposals=(), start_action="trap")
    return replace(made, **fields)


def east(*links: Link, routes: tuple[Route, ...] = (DEFAULT,), children: tuple[Child, ...] = ()) -> Plan:
    west = Connection(
        name="west",
        version=2,
        local_addrs=(EAST,),
        remote_addrs=(WEST,),
        proposals=(),
        children=children,
    )
    return Plan(name="east", links=(WAN, *links), routes=routes, connections=(west,) if children else ())


def packet(source: str, destination: str) -> Packet:
    return Packet(source=Address.parse(source), destination=Address.parse(destination), protocol=1)


def asked(plan: Plan, label: str, what: Packet, device: str | None = None) -> Asked:
    raised = frozenset({device} if device else ())
    return plan, Situation(row(label), raised), what, device


def transport_over_vti() -> Asked:
    """xfrmi_xmit2 finds the route leading back to the interface and drops."""
    bound = child("192.0.2.10/32", "203.0.113.20/32", mode="transport", if_id=1, updown="vti0")
    plan = east(VTI, children=(bound,))
    return asked(plan, "up", packet("192.0.2.10", "203.0.113.20"), "vti0")


def bypass_installs_a_route() -> Asked:
    """10.1.0.0/16 in table 220, by the way to that network, passes the blackhole for a part of it."""
    hole = Route(prefix=Prefix.parse("10.1.5.0/24"), kind="blackhole", metric=254)
    plan = east(LAN, routes=(DEFAULT, hole), children=(child("10.1.0.0/16", "10.1.0.0/16", mode="pass"),))
    return asked(plan, "up", packet("10.1.0.5", "10.1.5.9"))


def dummy_with_blackhole(*links: Link, extra: tuple[Route, ...] = ()) -> Plan:
    dum0 = Link(name="dum0", kind="dummy", addresses=(Attached.parse("10.10.0.1/32"),))
    hole = Route(prefix=Prefix.parse("10.10.0.2/32"), kind="blackhole", metric=254)
    return east(dum0, *links, routes=(DEFAULT, hole, *extra), children=(child("10.10.0.1/32", "10.10.0.2/32"),))


def way_to_the_peer_over_a_dead_link() -> Asked:
    down = Link(name="eth3", kind="ethernet", up=False, addresses=(Attached.parse("203.0.113.1/24"),))
    return asked(dummy_with_blackhole(down), "flushed", packet("10.10.0.1", "10.10.0.2"))


def way_to_the_peer_by_a_next_hop_out_of_reach() -> Asked:
    lost = Route(prefix=Prefix.parse("203.0.113.0/24"), via=Address.parse("10.99.0.1"), metric=1)
    return asked(dummy_with_blackhole(extra=(lost,)), "flushed", packet("10.10.0.1", "10.10.0.2"))


def address_of_a_link_that_is_down() -> Asked:
    """``ip route show table local`` keeps it, and ``ip route get`` says local."""
    return asked(east(replace(LAN, up=False)), "boot", packet("10.2.0.5", "10.1.0.1"))


def metric_of_a_connected_ipv6_route() -> Asked:
    own, prefix = Attached.parse("2001:db8:1::1/64"), Prefix.parse("2001:db8:1::/64")
    shut = Route(prefix=prefix, kind="unreachable", metric=254)
    plan = east(replace(LAN, addresses=(own,)), routes=(DEFAULT, shut))
    return asked(plan, "boot", packet("2001:db8:1::1", "2001:db8:1::9"))


def nat_sees_the_device_of_the_encrypted_packet() -> Asked:
    """Two WANs: the packet's own route is eth1, ESP leaves by eth0, whose masquerade takes it out of its policy."""
    plan = east(WAN_2, LAN, routes=(DEFAULT_2, TO_PEER), children=(child("10.1.0.0/24", str(FAR)),))
    plan = replace(plan, source_nat=(MASQUERADE,), install_routes=False)
    return asked(plan, "up", packet("10.1.0.5", "10.2.0.9"))


def policy_without_interface_id_before_a_vti() -> Asked:
    """A trap without an id and without an SA drops what is routed to the VTI, though the VTI's own SA is up."""
    everything = child("0.0.0.0/0", "0.0.0.0/0", if_id=1, updown="vti0")
    other = child("10.1.0.0/24", str(FAR), name="other")
    plan = east(VTI, LAN, routes=(DEFAULT, Route(prefix=FAR, link="vti0", metric=1)), children=(everything,))
    second = replace(plan.connections[0], name="other", children=(other,))
    plan = replace(plan, connections=(*plan.connections, second), install_routes=False)
    situation = Situation(row("up"), frozenset({"vti0"}), (("other", row("negotiating")),))
    return plan, situation, packet("10.1.0.5", "10.2.0.9"), None


def narrow_trap_before_a_wide_sa() -> Asked:
    """strongSwan gives a trap the priority of an SA, less one: 10.1/24 -> 10.2/24 comes before 10/8 -> 10/8."""
    plan = east(LAN, children=(child("10.0.0.0/8", "10.0.0.0/8"),))
    second = replace(plan.connections[0], name="other", children=(child("10.1.0.0/24", str(FAR), name="other"),))
    plan = replace(plan, connections=(*plan.connections, second))
    situation = Situation(row("up"), others=(("other", row("negotiating")),))
    return plan, situation, packet("10.1.0.5", "10.2.0.9"), None


def bound_tunnel_beside_a_hijacked_wan() -> Asked:
    """fib_lookup with a device passes over next hops on others: what is announced on eth0 moves nothing to it."""
    outside = Encapsulating(protocol=47, local=EAST, remote=Address.parse("10.0.9.2"), link="eth2")
    tun0 = Link(name="tun0", kind="gre", encapsulating=outside)
    plan = east(LAN, tun0)
    leased = tuple(replace(link, dynamic=link.name == "eth0") for link in plan.links)
    situation = Situation(row("boot"), move=Move("more-specific", "eth0"))
    return replace(plan, links=leased), situation, packet("10.1.0.5", "10.2.0.9"), "tun0"


def no_way_for_the_encrypted_packet() -> Asked:
    """The bundle fails before postrouting: no masquerade can take the packet out of its policy."""
    plan = east(WAN_2, LAN, routes=(DEFAULT_2,), children=(child("10.1.0.0/24", str(FAR)),))
    shut = replace(TO_PEER, via=None, kind="blackhole")
    rules = (replace(MASQUERADE, out_link="eth1"),)
    plan = replace(plan, routes=(*plan.routes, shut), source_nat=rules, install_routes=False)
    return asked(plan, "up", packet("10.1.0.5", "10.2.0.9"))


CASES: dict[Case, str] = {
    transport_over_vti: "dropped",
    bypass_installs_a_route: "clear",
    way_to_the_peer_over_a_dead_link: "clear",
    way_to_the_peer_by_a_next_hop_out_of_reach: "clear",
    address_of_a_link_that_is_down: "delivered",
    metric_of_a_connected_ipv6_route: "dropped",
    nat_sees_the_device_of_the_encrypted_packet: "clear",
    policy_without_interface_id_before_a_vti: "dropped",
    narrow_trap_before_a_wide_sa: "dropped",
    bound_tunnel_beside_a_hijacked_wan: "clear",
    no_way_for_the_encrypted_packet: "dropped",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_both_come_to_the_end_that_the_sources_give(case: Case) -> None:
    plan, situation, what, device = case()
    expected = opinion(plan, situation, what, device)
    assert {ending[0] for ending in expected} == {CASES[case]}
    assert {said(end) for end in walked(plan, situation, what, device)} == expected


def walked(plan: Plan, situation: Situation, what: Packet, device: str | None) -> tuple[End, ...]:
    kernel = kernel_in(plan, situation)
    if device is None:
        return walk(kernel, what)
    return hand_to_device(kernel, kernel.links[device], what)


def opinion(plan: Plan, situation: Situation, what: Packet, device: str | None) -> set[Ending]:
    oracle = Oracle(plan, situation)
    return oracle.carry(datagram(what)) if device is None else oracle.hand(device, datagram(what))
