"""Every kind of interface as a link, by the reference's sections 4 to 8, 18 and 21, from records made here."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.address import Address, Attached, Prefix
from sapper.encap.register import ENCAPSULATIONS
from sapper.kernel.compile import compile_router
from sapper.kernel.complete import complete
from sapper.kernel.ends import Ends, ends_of
from sapper.kernel.links import encapsulation_of, record_of
from sapper.kernel.plan import ErspanHeader, Link, Plan, SixRdPrefixes, Sysctl
from sapper.model.interface import (
    Bridge,
    Erspan,
    Ethernet,
    Geneve,
    L2tpv3,
    LinkOptions,
    Pppoe,
    SixRd,
    Tunnel,
    Vti,
    Vxlan,
    Wireguard,
    WireguardPeer,
)
from sapper.model.origin import Origin
from sapper.model.router import Router
from sapper.model.routing import StaticRoute, SysctlSetting, Vrf
from sapper.secret import Secret

HERE = Origin("here", 0, 0)
NEAR, FAR, FARTHER = (Address.parse(f"192.0.2.{host}") for host in (1, 2, 3))
NEAR6, FAR6 = Address.parse("2001:db8::1"), Address.parse("2001:db8::2")


def compiled(generation: str = "1.4", **fields: object) -> Plan:
    return compile_router(Router(name="east", generation=generation, **fields))  # type: ignore[arg-type]


def only(plan: Plan) -> Link:
    (link,) = plan.links
    return link


@pytest.mark.parametrize("name", ["erspan", "ip6erspan"])
@pytest.mark.parametrize(
    ("written", "made"),
    [
        (None, ErspanHeader()),
        (Erspan(index=9), ErspanHeader(index=9)),
        (Erspan(version=2, direction="egress", hw_id=3, index=9), ErspanHeader(version=2, egress=True, hw_id=3)),
        (Erspan(version=2, direction="ingress"), ErspanHeader(version=2)),
    ],
)
def test_erspan_counts_its_frames_and_keeps_what_its_version_has(
    name: str, written: Erspan | None, made: ErspanHeader
) -> None:
    ends = (NEAR6, FAR6) if name == "ip6erspan" else (NEAR, FAR)
    link = only(
        compiled(
            tunnels=(
                Tunnel(name="tun0", origin=HERE, encapsulation=name, local=ends[0], remote=ends[1], erspan=written),  # type: ignore[arg-type]
            )
        )
    )
    assert link.encapsulating is not None
    assert (link.kind, link.encapsulating.erspan, link.encapsulating.sequence) == (name, made, True)
    assert encapsulation_of(link) == name


@given(st.integers(0, 255))
def test_an_odd_type_of_service_copies_the_inner_one(tos: int) -> None:
    link = only(compiled(tunnels=(Tunnel(name="tun0", origin=HERE, encapsulation="gre", tos=tos),)))
    assert link.encapsulating is not None
    assert (link.encapsulating.tos_inherit, link.encapsulating.tos) == (tos % 2 == 1, tos // 2 * 2)


def test_over_ipv6_the_class_and_the_label_count() -> None:
    tunnel = Tunnel(
        name="tun0", origin=HERE, encapsulation="ip6gre", tos=8, traffic_class=0x11, flow_label=5, encaplimit=None
    )
    link = only(compiled(tunnels=(tunnel,)))
    assert link.encapsulating is not None
    made = link.encapsulating
    assert (made.tos_inherit, made.tos, made.flow_label, made.encaplimit) == (False, 0x11, 5, None)
    copied = Tunnel(name="tun0", origin=HERE, encapsulation="ip6ip6", flow_label="inherit")
    link = only(compiled(tunnels=(copied,)))
    assert link.encapsulating is not None
    assert (link.encapsulating.tos_inherit, link.encapsulating.flow_label) == (True, None)


@pytest.mark.parametrize(("generation", "applied"), [("1.1", True), ("1.2", True), ("1.3", False), ("1.5", False)])
def test_6rd_is_carried_out_by_the_first_generations_only(generation: str, applied: bool) -> None:
    prefix = Prefix.parse("2001:db8::/32")
    tunnel = Tunnel(name="tun0", origin=HERE, encapsulation="sit", local=NEAR, sixrd=SixRd(prefix))
    link = only(compiled(generation, tunnels=(tunnel,)))
    assert link.encapsulating is not None
    assert link.encapsulating.sixrd == (SixRdPrefixes(prefix, Prefix.everything(4)) if applied else None)


def test_an_external_vxlan_has_no_identifier_of_its_own() -> None:
    link = only(compiled(vxlans=(Vxlan(name="vxlan0", origin=HERE, vni=7, external=True, tos=0x21),)))
    assert link.vxlan is not None
    assert (link.vxlan.vni, link.vxlan.tos, link.mtu_bytes) == (None, None, 1500)


def session(encapsulation: Literal["udp", "ip"]) -> L2tpv3:
    return L2tpv3(
        name="l2tpeth0",
        origin=HERE,
        encapsulation=encapsulation,
        local=NEAR,
        remote=FAR,
        tunnel_id=1,
        peer_tunnel_id=2,
        session_id=3,
        peer_session_id=4,
    )


def test_ports_go_with_udp_only() -> None:
    over_udp, over_ip = only(compiled(l2tpv3s=(session("udp"),))), only(compiled(l2tpv3s=(session("ip"),)))
    assert over_udp.l2tp is not None
    assert over_ip.l2tp is not None
    assert (over_udp.l2tp.source_port, over_udp.l2tp.destination_port) == (5000, 5000)
    assert (over_ip.l2tp.source_port, over_ip.l2tp.destination_port) == (0, 0)


def test_what_vyos_refuses_without_is_a_link_without_its_header() -> None:
    assert only(compiled(geneves=(Geneve(name="gnv0", origin=HERE, vni=1),))).geneve is None
    assert only(compiled(l2tpv3s=(L2tpv3(name="l2tpeth0", origin=HERE, local=NEAR, remote=FAR),))).l2tp is None


def test_a_disabled_wireguard_peer_is_not_there_and_no_key_shows() -> None:
    peers = (
        WireguardPeer(name="a", origin=HERE, public_key="A", allowed=(Prefix.parse("10.2.0.0/24"),)),
        WireguardPeer(name="b", origin=HERE, public_key="B", disabled=True),
        WireguardPeer(name="c", origin=HERE, public_key=None),
    )
    link = only(
        compiled(wireguards=(Wireguard(name="wg0", origin=HERE, private_key=Secret("hidden"), peers=peers),))
    )
    assert link.wireguard is not None
    assert [peer.public_key for peer in link.wireguard.peers] == ["A"]
    assert (link.wireguard.port, link.mtu_bytes, link.up) == (0, 1420, True)
    assert "hidden" not in repr(link)


def test_pppoe_is_an_underlay_with_a_default_route() -> None:
    wanted = Pppoe(name="pppoe0", origin=HERE, source_interface="eth0", autoconf=True, default_route_distance=9)
    plan = compiled(ethernets=(Ethernet(name="eth0", origin=HERE),), pppoes=(wanted,))
    link = plan.link("pppoe0")
    assert link is not None
    assert (link.kind, link.dynamic, link.mtu_bytes, link.parent) == ("pppoe", True, 1492, "eth0")
    assert [(str(route.prefix), route.link, route.metric) for route in plan.routes] == [
        ("0.0.0.0/0", "pppoe0", 9),
        ("::/0", "pppoe0", 265),
    ]
    assert "eth0" not in {route.link for route in complete(plan).routes}
    assert compiled(pppoes=(Pppoe(name="pppoe0", origin=HERE, default_route=False),)).routes == ()
    assert compiled(pppoes=(Pppoe(name="pppoe0", origin=HERE, disabled=True),)).routes == ()


def test_a_vrf_owns_its_members_and_their_routes() -> None:
    red = LinkOptions(vrf="red")
    plan = compiled(
        vrfs=(Vrf(name="red", origin=HERE, table=1000),),
        tunnels=(Tunnel(name="tun0", origin=HERE, encapsulation="gre", options=red),),
        vtis=(Vti(name="vti0", origin=HERE, options=LinkOptions(vrf="default")),),
        pppoes=(Pppoe(name="pppoe0", origin=HERE, options=red),),
        routes=(
            StaticRoute(prefix=Prefix.parse("10.2.0.0/24"), origin=HERE, interface="tun0", vrf="red"),
            StaticRoute(prefix=Prefix.parse("10.3.0.0/24"), origin=HERE, interface="tun0", table=1000, vrf="red"),
            StaticRoute(prefix=Prefix.parse("10.4.0.0/24"), origin=HERE, interface="vti0"),
        ),
    )
    assert {link.name: link.master for link in plan.links} == {
        "red": None,
        "tun0": "red",
        "vti0": None,
        "pppoe0": "red",
    }
    vrf = plan.link("red")
    assert vrf is not None
    assert (vrf.kind, vrf.vrf_table, vrf.up) == ("vrf", 1000, True)
    assert [route.table for route in plan.routes] == [1000, 1000, 254, 1000]


def test_a_bridge_port_is_no_vrf_member() -> None:
    plan = compiled(
        bridges=(
            Bridge(name="br0", origin=HERE, members=("tun0",), mtu_bytes=1500, options=LinkOptions(vrf="red")),
        ),
        tunnels=(Tunnel(name="tun0", origin=HERE, encapsulation="gretap"),),
    )
    assert {link.name: (link.master, link.mtu_bytes) for link in plan.links} == {
        "br0": ("red", None),
        "tun0": ("br0", 1476),
    }


def test_what_interfaces_and_the_system_say_of_the_kernel() -> None:
    options = LinkOptions(
        source_validation_ipv4="strict", forwarding_ipv4=False, forwarding_ipv6=False, link_local=False
    )
    plan = compiled(
        ethernets=(
            Ethernet(name="eth0", origin=HERE, options=options),
            Ethernet(name="eth1", origin=HERE, options=LinkOptions(source_validation_ipv4="loose")),
        ),
        sysctls=(SysctlSetting("net.ipv4.ip_forward", "0", HERE),),
    )
    settings = {sysctl.name: sysctl.value for sysctl in plan.sysctls}
    assert len(settings) == len(plan.sysctls)
    assert settings["net.ipv4.ip_forward"] == "0"
    assert settings["net.ipv4.conf.eth0.rp_filter"] == "1"
    assert settings["net.ipv4.conf.eth1.rp_filter"] == "2"
    assert settings["net.ipv4.conf.eth0.forwarding"] == settings["net.ipv6.conf.eth0.forwarding"] == "0"
    assert settings["net.ipv6.conf.eth0.addr_gen_mode"] == "1"
    assert Sysctl("net.ipv4.conf.all.rp_filter", "0") in plan.sysctls


def test_the_next_hop_of_a_lease_is_assumed_on_its_interface() -> None:
    route = StaticRoute(prefix=Prefix.parse("10.2.0.0/24"), origin=HERE, dhcp_interface="eth0")
    plan = compiled(routes=(route,))
    assert [made.link for made in plan.routes] == ["eth0"]
    assert plan.assumptions == ("the next hop for 10.2.0.0/24 comes by DHCP; it is taken to be on eth0",)


def test_the_ends_of_every_kind() -> None:
    peer = WireguardPeer(name="a", origin=HERE, public_key="A", endpoint=FAR, port=1)
    silent = WireguardPeer(name="b", origin=HERE, public_key="B")
    plan = compiled(
        tunnels=(Tunnel(name="tun0", origin=HERE, encapsulation="gre", local=NEAR, source_interface="eth0"),),
        vtis=(Vti(name="vti0", origin=HERE),),
        vxlans=(Vxlan(name="vxlan0", origin=HERE, vni=1, local=NEAR, remotes=(FAR, FARTHER)),),
        geneves=(Geneve(name="gnv0", origin=HERE, vni=1, remote=FAR6),),
        l2tpv3s=(session("ip"),),
        wireguards=(Wireguard(name="wg0", origin=HERE, peers=(peer, silent)),),
    )
    assert {link.name: ends_of(link) for link in plan.links} == {
        "tun0": Ends(NEAR, (), "eth0"),
        "vti0": None,
        "vxlan0": Ends(NEAR, (FAR, FARTHER)),
        "gnv0": Ends(None, (FAR6,)),
        "l2tpeth0": Ends(NEAR, (FAR,)),
        "wg0": Ends(None, (FAR,)),
    }


def test_an_address_that_only_a_session_or_vxlan_names_is_on_the_assumed_wan() -> None:
    link = complete(compiled(vxlans=(Vxlan(name="vxlan0", origin=HERE, vni=1, local=NEAR, remotes=(FAR,)),))).link(
        "wan"
    )
    assert link is not None
    assert link.addresses == (Attached(NEAR, 32),)


def test_every_encapsulation_is_the_word_of_its_kind() -> None:
    for name, record in ENCAPSULATIONS.items():
        if record.link_kind != "ip6tnl":
            link = Link(name="x", kind=record.link_kind)  # type: ignore[arg-type]
            assert (encapsulation_of(link), record_of(link)) == (name, record)
    assert record_of(Link(name="x", kind="dummy")) is None
