"""Liveness of the articles' setups and of what breaks them: one line each, as the reference kernel would have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from setups import (
    EAST_WAN,
    FAR_LAN,
    WEST_DUMMY,
    WEST_WAN,
    canonical,
    connection,
    default_route,
    dummy,
    dummy_child,
    lan,
    masquerade,
    transport_gre,
    tunnel,
    vti,
    wan,
)

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import Child, Connection, Link, Plan, Route, Selector, SourceNatRule
from sapper.model.stated import Stated
from sapper.proof.prove import prove
from sapper.proof.verdict import PropertyVerdict

IPV6_ROUTE = Route(prefix=Prefix.everything(6), link="eth0")


def liveness(plan: Plan, name: str | None = None) -> PropertyVerdict:
    return next(item for item in prove(plan) if name in (None, item.name)).verdicts["liveness"]


def changed(plan: Plan, **fields: Any) -> Plan:
    return msgspec.structs.replace(plan, **fields)


def with_link(plan: Plan, name: str, **fields: Any) -> Plan:
    links = tuple(msgspec.structs.replace(link, **fields) if link.name == name else link for link in plan.links)
    return changed(plan, links=links)


def with_routes(plan: Plan, *routes: Route) -> Plan:
    return changed(plan, routes=(*plan.routes, *routes))


def with_child(plan: Plan, **fields: Any) -> Plan:
    (peer,) = plan.connections
    (child,) = peer.children
    child = msgspec.structs.replace(child, **fields)
    return changed(plan, connections=(msgspec.structs.replace(peer, children=(child,)),))


def policy_based() -> Plan:
    child = Child(
        name="west-tunnel-1",
        title="west tunnel 1",
        mode="tunnel",
        local_ts=(Selector(Prefix.parse("10.1.0.0/24")),),
        remote_ts=(Selector(FAR_LAN),),
        esp_proposals=("aes128-sha256",),
    )
    return Plan(name="east", links=(wan(), lan()), routes=(default_route(),), connections=(connection(child),))


def wide_policy(local: str, remote: str) -> Plan:
    ours, theirs = (Selector(Prefix.parse(local)),), (Selector(Prefix.parse(remote)),)
    return with_child(policy_based(), local_ts=ours, remote_ts=theirs)


def another_tunnel(kind: Any, protocol: int, address: str = "10.0.0.1/29") -> Plan:
    link = tunnel(EAST_WAN, WEST_WAN, kind, protocol)
    link = msgspec.structs.replace(link, addresses=(Attached.parse(address),))
    routes = (default_route(), IPV6_ROUTE)
    return Plan(name="east", links=(wan(), lan(), link), routes=routes, connections=(connection(transport_gre()),))


def any_protocol(plan: Plan) -> Plan:
    return with_child(
        plan, local_ts=(Selector(Prefix.host(EAST_WAN)),), remote_ts=(Selector(Prefix.host(WEST_WAN)),)
    )


def narrow_vti() -> Plan:
    narrow = (Selector(Prefix.parse("10.3.0.0/24")),)
    return with_child(vti(unreachable=False), remote_ts=narrow)


def another_peer_wins() -> Plan:
    plan = canonical()
    child = msgspec.structs.replace(transport_gre(), name="other-tunnel-1", title="other tunnel 1", priority=1)
    other = msgspec.structs.replace(
        connection(child), name="other", title="other", remote_addrs=(Address.parse("203.0.113.99"),)
    )
    return changed(plan, connections=(*plan.connections, other))


def private_transport() -> Plan:
    return with_child(dummy(blackhole=False), mode="transport")


def doubtful_nat() -> Plan:
    rule = SourceNatRule(number=10, action="masquerade", out_link="eth0", unmodelled=("mark",))
    return changed(policy_based(), source_nat=(rule,))


WORKS: dict[str, Callable[[], Plan]] = {
    "gre on WAN addresses": canonical,
    "a trap": lambda: canonical("trap"),
    "tunnel mode": lambda: with_child(canonical(), mode="tunnel"),
    "gre between dummy addresses": lambda: dummy(blackhole=False),
    "the same with a blackhole": lambda: dummy(blackhole=True),
    "a peer whose address is any": lambda: dummy(blackhole=True, remote=None),
    "vti": lambda: vti(unreachable=False),
    "vti with unreachable routes": lambda: vti(unreachable=True),
    "a policy": policy_based,
    "a policy, masquerade excluded": lambda: masquerade(policy_based(), exclusion=FAR_LAN),
    "a policy whose far side holds this one": lambda: wide_policy("10.1.0.0/24", "10.0.0.0/8"),
    "a policy whose near side holds the far one": lambda: wide_policy("10.0.0.0/8", "10.2.0.0/24"),
    "ipip under a policy for everything": lambda: any_protocol(another_tunnel("ipip", 4)),
    "6in4 under a policy for everything": lambda: any_protocol(another_tunnel("sit", 41, "2001:db8:f::1/64")),
    "a null cipher": lambda: with_child(canonical(), esp_proposals=("null-sha256",)),
}
FAILS: dict[str, tuple[Callable[[], Plan], str]] = {
    "a policy for gre, the tunnel is ipip": (lambda: another_tunnel("ipip", 4), "on the wire at eth0: 192.0.2.10 →"),
    "no way to the peer": (
        lambda: with_routes(canonical(), Route(prefix=Prefix.host(WEST_WAN), kind="blackhole")),
        "route 203.0.113.20/32: blackhole",
    ),
    "the way to the peer ends on a dummy": (
        lambda: with_routes(
            changed(canonical(), links=(*canonical().links, Link(name="dum0", kind="dummy"))),
            Route(prefix=Prefix.host(WEST_WAN), link="dum0"),
        ),
        "on the wire at dum0",
    ),
    "the peer is routed into the tunnel": (
        lambda: with_routes(canonical(), Route(prefix=Prefix.host(WEST_WAN), link="tun0")),
        "leads back into tun0",
    ),
    "masquerade before the policy": (lambda: masquerade(policy_based()), "on the wire at eth0: 192.0.2.10 →"),
    "masquerade of the outer packet": (
        lambda: masquerade(dummy(blackhole=False)), "on the wire at eth0: 192.0.2.10 → 10.10.0.2 gre",
    ),
    "charon installs no route": (
        lambda: changed(dummy(blackhole=True), install_routes=False), f"route {WEST_DUMMY}/32: blackhole",
    ),
    "an IPv6 network behind ipip": (
        lambda: any_protocol(another_tunnel("ipip", 4, "2001:db8:f::1/64")), "tun0 is not meant for IPv6",
    ),
    "an IPv4 network behind sit": (
        lambda: any_protocol(another_tunnel("sit", 41)), "tun0 is not meant for IPv4",
    ),
    "a network behind a vti that its selectors do not hold": (narrow_vti, "no policy with its interface id, dropped"),
    "another peer's policy wins": (another_peer_wins, "on the wire at eth0"),
    "two sides that are the same": (
        lambda: wide_policy("10.0.0.0/8", "10.0.0.0/8"), "the policy of west-tunnel-1 for what is forwarded drops it",
    ),
}  # fmt: skip
UNDECIDED: dict[str, tuple[Callable[[], Plan], str]] = {
    "a firewall": (lambda: changed(canonical(), gaps=("firewall: may drop",)), "could stop the packet: firewall"),
    "a routing protocol": (lambda: changed(canonical(), gaps=("protocols bgp: may add ways",)), "protocols bgp"),
    "a rule with a match that nobody knows": (doubtful_nat, "nat source rule 10: mark"),
    "transport mode between other addresses": (private_transport, "not between the two peers"),
    "selectors that depend on the peer": (
        lambda: with_child(dummy(blackhole=False, remote=None), remote_ts=()), "known only when the SA is up",
    ),
}  # fmt: skip


@pytest.mark.parametrize("setup", WORKS)
def test_it_works(setup: str) -> None:
    found = liveness(WORKS[setup](), None)
    assert (found.verdict, found.reason, found.witness) == ("proved", None, None)
    assert found.states == 1
    assert found.classes


@pytest.mark.parametrize("setup", FAILS)
def test_it_does_not(setup: str) -> None:
    build, ended = FAILS[setup]
    found = liveness(build())
    assert (found.verdict, found.failing_states) == ("refuted", ("up",))
    assert found.witness is not None
    assert found.witness.state == "up"
    assert ended in found.witness.trace[-1]
    assert (found.witness.wire is None) == (found.witness.ended == "dropped")


@pytest.mark.parametrize("setup", UNDECIDED)
def test_nobody_knows(setup: str) -> None:
    build, named = UNDECIDED[setup]
    found = liveness(build())
    assert found.verdict == "unknown"
    assert named in (found.reason or "")


def test_what_adds_ways_could_save_a_packet_that_is_dropped_and_what_drops_could_not() -> None:
    plan = with_routes(canonical(), Route(prefix=Prefix.host(WEST_WAN), kind="blackhole"))
    assert liveness(changed(plan, gaps=("protocols bgp: may add ways",))).verdict == "unknown"
    assert liveness(changed(plan, gaps=("firewall: may drop",))).verdict == "refuted"


def test_a_tunnel_that_is_disabled_is_not_asked() -> None:
    found = liveness(with_link(canonical(), "tun0", up=False))
    assert (found.verdict, found.reason) == ("not-applicable", "it is disabled")


def test_nor_is_one_that_nothing_protects() -> None:
    assert liveness(changed(canonical(), connections=())).verdict == "not-applicable"


def test_one_that_the_user_wants_protected_and_nothing_protects_does_not_work() -> None:
    plan = changed(canonical(), connections=(), stated=Stated(tunnels=("tun0",)))
    assert liveness(plan).verdict == "refuted"


def test_what_the_far_end_must_be_is_named() -> None:
    keyed = with_link(canonical(), "tun0", encapsulating=tunnel(EAST_WAN, WEST_WAN, key=7).encapsulating)
    said = liveness(keyed).assumptions
    assert "the far end of tun0 is gre with key 7 from 203.0.113.20 to 192.0.2.10" in said
    assert "west: the network carries IKE and ESP both ways, without NAT" in said
    assert "west: the network carries IKE and ESP both ways" in liveness(dummy(blackhole=True)).assumptions


def test_a_flow_that_another_tunnel_takes_before_the_device_is_told() -> None:
    inside = msgspec.structs.replace(policy_based().connections[0].children[0], name="inside", title="west inside")
    plan = canonical()
    (peer,) = plan.connections
    plan = changed(plan, connections=(msgspec.structs.replace(peer, children=(*peer.children, inside)),))
    found = liveness(plan, "tun0")
    assert found.verdict == "unknown"
    assert "west inside: its policy takes some of the packets before the device does" in (found.reason or "")


def test_between_the_ports_of_a_bridge_nothing_says_too_big() -> None:
    bridge = Link(name="br0", kind="bridge")
    port = msgspec.structs.replace(lan(), addresses=(), master="br0")
    link = msgspec.structs.replace(tunnel(EAST_WAN, WEST_WAN, "gretap"), addresses=(), master="br0", mtu_bytes=1500)
    plan = changed(canonical(), links=(wan(), bridge, port, link), routes=(default_route(),))
    found = liveness(plan)
    assert (found.verdict, found.witness) == ("refuted", None)
    assert 'br0 cannot say "too big"' in (found.reason or "")
    assert link.encapsulating is not None
    cutting = msgspec.structs.replace(link.encapsulating, pmtu_discovery=False, ignore_df=True)
    fits = changed(plan, links=(wan(), bridge, port, msgspec.structs.replace(link, encapsulating=cutting)))
    assert liveness(fits).verdict == "proved"
    assert "br0 forwards between its ports" in liveness(fits).assumptions
    assert liveness(with_link(canonical(), "tun0", mtu_bytes=9000)).verdict == "proved"


def test_a_peer_of_another_connection_that_nobody_knows_yet_is_assumed_away() -> None:
    roaming = Connection(
        name="roaming", title="roaming", version=2, local_addrs=(EAST_WAN,), remote_addrs=(), proposals=(),
        children=(msgspec.structs.replace(dummy_child(), name="r", title="roaming tunnel 1", remote_ts=()),),
    )  # fmt: skip
    plan = canonical()
    found = liveness(changed(plan, connections=(*plan.connections, roaming)), "tun0")
    assert found.verdict == "proved"
    assert any(sentence.startswith("roaming tunnel 1: the address that its peer") for sentence in found.assumptions)
