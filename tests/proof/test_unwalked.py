"""Never proved by ignorance: what the Plan carries and the walk does not follow takes ``proved`` away, by name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from setups import FAR_LAN, WEST_WAN, canonical, connection, default_route, lan, transport_gre, tunnel, vti, wan

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import (
    DestinationNatRule,
    GeneveHeader,
    L2tpSession,
    Link,
    MarkRule,
    Plan,
    Route,
    Rule,
    Sysctl,
    VxlanHeader,
    WireguardDevice,
    WireguardPeer,
)
from sapper.proof.prove import prove
from sapper.proof.verdict import Property, PropertyVerdict

SAFE = vti(unreachable=True)
UDP_DEVICES = (
    Link(name="vxlan0", kind="vxlan", vxlan=VxlanHeader(vni=1, remotes=(WEST_WAN,))),
    Link(name="gnv0", kind="geneve", geneve=GeneveHeader(vni=1, remote=WEST_WAN)),
    Link(
        name="l2tpeth0",
        kind="l2tpeth",
        l2tp=L2tpSession(
            encapsulation="ip",
            local=Address.parse("192.0.2.10"),
            remote=WEST_WAN,
            tunnel_id=1,
            peer_tunnel_id=2,
            session_id=3,
            peer_session_id=4,
        ),
    ),
)


def verdict(plan: Plan, name: str, asked: Property) -> PropertyVerdict:
    return next(found for found in prove(plan) if found.name == name).verdicts[asked]


def changed(plan: Plan, **fields: Any) -> Plan:
    for name, more in fields.items():
        plan = msgspec.structs.replace(plan, **{name: (*getattr(plan, name), *more)})
    return plan


def test_the_setup_itself_is_proved() -> None:
    assert {verdict(SAFE, "vti0", asked).verdict for asked in ("confidentiality", "no-bypass")} == {"proved"}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"destination_nat": [DestinationNatRule(number=7, action="redirect")]}, "nat destination rule 7"),
        ({"sysctls": [Sysctl("net.core.xfrm_larval_drop", "0")]}, "sysctl net.core.xfrm_larval_drop"),
        ({"sysctls": [Sysctl("net.ipv4.conf.all.accept_redirects", "1")]}, "accept_redirects"),
        ({"sysctls": [Sysctl("net.ipv4.something_new", "1")]}, "net.ipv4.something_new"),
        ({"rules": [Rule(100, 77, 4)]}, "rule 100 to table 77"),
        (
            {"rules": [Rule(10, 10, 4, 5)], "marks": [MarkRule(family=4, mark=5, in_links=("eth1",))]},
            "policy route of eth1",
        ),
    ],
)
def test_what_may_lead_elsewhere_makes_it_unknown_and_is_named(fields: dict[str, Any], named: str) -> None:
    found = verdict(changed(SAFE, **fields), "vti0", "no-bypass")

    assert found.verdict == "unknown"
    assert named in (found.reason or "")


@pytest.mark.parametrize(
    "fields",
    [
        {"destination_nat": [DestinationNatRule(number=7, action="accept")]},
        {"sysctls": [Sysctl("net.core.xfrm_larval_drop", "1"), Sysctl("net.ipv4.tcp_syncookies", "1")]},
        {"sysctls": [Sysctl("net.ipv4.conf.all.accept_redirects", "0")]},
        {"rules": [Rule(220, 220, 4), Rule(32766, 254, 4)]},
        {"rules": [Rule(10, 10, 4, 5)], "marks": [MarkRule(family=4, mark=6, in_links=("eth1",))]},
        {"links": [Link(name="red", kind="vrf", vrf_table=1000)]},
    ],
)
def test_what_leads_nowhere_else_takes_nothing_away(fields: dict[str, Any]) -> None:
    assert verdict(changed(SAFE, **fields), "vti0", "no-bypass").verdict == "proved"


def test_a_vrf_with_members_decides_neither_way() -> None:
    red = Link(name="red", kind="vrf", vrf_table=1000)
    leaking = changed(canonical(), links=[red, Link(name="dum9", kind="dummy", master="red")])

    assert verdict(canonical(), "tun0", "confidentiality").verdict == "refuted"
    assert verdict(leaking, "tun0", "confidentiality").verdict == "unknown"
    safe = changed(SAFE, links=[red, Link(name="dum9", kind="dummy", master="red")])
    assert verdict(safe, "vti0", "no-bypass").verdict == "unknown"


def test_a_reverse_path_filter_may_stop_what_is_injected_and_nothing_that_leaves() -> None:
    filtered = changed(canonical(), sysctls=[Sysctl("net.ipv4.conf.eth0.rp_filter", "1")])

    assert verdict(canonical(), "tun0", "authenticity").verdict == "refuted"
    assert verdict(filtered, "tun0", "authenticity").verdict == "unknown"
    assert verdict(filtered, "tun0", "confidentiality").verdict == "refuted"


@pytest.mark.parametrize("link", UDP_DEVICES, ids=lambda link: link.kind)
def test_a_way_into_a_device_that_is_not_walked_is_unknown_not_safe(link: Link) -> None:
    plan = changed(SAFE, links=[link], routes=[Route(prefix=FAR_LAN, link=link.name, metric=100)])
    found = verdict(plan, "vti0", "no-bypass")

    assert found.verdict == "unknown"
    assert f"{link.name}: its outer packets are not modelled" in (found.reason or "")


@pytest.mark.parametrize("link", UDP_DEVICES, ids=lambda link: link.kind)
def test_a_bridge_with_such_a_port_is_no_trusted_network(link: Link) -> None:
    port = msgspec.structs.replace(link, master="br0")
    bridge = Link(name="br0", kind="bridge", addresses=(Attached.parse("10.2.0.1/24"),))
    found = verdict(changed(SAFE, links=[port, bridge]), "vti0", "no-bypass")

    assert found.verdict == "unknown"


@pytest.mark.parametrize("link", UDP_DEVICES, ids=lambda link: link.kind)
def test_such_a_device_has_an_entry_that_claims_nothing(link: Link) -> None:
    plain = Plan(name="east", links=(wan(), link), routes=(default_route(),))
    meant = changed(plain, connections=[connection(transport_gre())])

    assert verdict(plain, link.name, "confidentiality").verdict == "not-applicable"
    for asked in ("confidentiality", "no-bypass", "authenticity"):
        assert verdict(meant, link.name, asked).verdict == "unknown"


def wireguard(*, up: bool = True, endpoint: bool = True) -> Plan:
    peer = WireguardPeer(
        public_key="west",
        allowed=(FAR_LAN, Prefix.parse("10.3.0.0/24")),
        endpoint=WEST_WAN if endpoint else None,
        port=51820 if endpoint else None,
    )
    wg0 = Link(
        name="wg0",
        kind="wireguard",
        up=up,
        addresses=(Attached.parse("10.0.0.1/29"),),
        wireguard=WireguardDevice(private_key=None, port=51820, peers=(peer,)),
    )
    routes = (default_route(), Route(prefix=Prefix.parse("10.2.0.0/15"), link="wg0", metric=1))
    return Plan(name="east", links=(wan(), lan(), wg0), routes=routes)


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("asked", ["confidentiality", "no-bypass", "authenticity"])
def test_wireguard_is_proved_because_its_device_has_no_clear_way_out(asked: Property, endpoint: bool) -> None:
    (entry,) = prove(wireguard(endpoint=endpoint))

    assert (entry.name, entry.encapsulation, entry.protection) == ("wg0", "wireguard", "wireguard")
    assert entry.verdicts[asked].verdict == "proved"
    assert entry.verdicts[asked].states > 5


def test_a_wireguard_device_that_is_down_lets_the_default_route_take_over() -> None:
    found = verdict(wireguard(up=False), "wg0", "no-bypass")

    assert found.verdict == "refuted"
    assert found.witness is not None
    assert found.witness.wire.interface == "eth0"


def test_pppoe_is_an_untrusted_underlay() -> None:
    pppoe = Link(name="pppoe0", kind="pppoe", dynamic=True, addresses=(Attached.parse("192.0.2.10/32"),))
    plan = Plan(
        name="east",
        links=(pppoe, lan(), tunnel(Address.parse("192.0.2.10"), WEST_WAN)),
        routes=(
            Route(prefix=Prefix.everything(4), link="pppoe0", metric=1),
            Route(prefix=FAR_LAN, link="tun0", metric=1),
        ),
        connections=(connection(transport_gre()),),
    )
    found = verdict(plan, "tun0", "confidentiality")

    assert found.verdict == "refuted"
    assert found.witness is not None
    assert found.witness.wire.interface == "pppoe0"
