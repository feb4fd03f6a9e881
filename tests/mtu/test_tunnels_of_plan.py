"""The exact stack of every tunnel of a Plan: protection, NAT traversal, underlay, and what to set."""

from __future__ import annotations

import msgspec
import pytest
from plans import GRE_IN_TRANSPORT, VTI, plan_of

from sapper.address import Address, Attached
from sapper.encap.register import ENCAPSULATIONS
from sapper.kernel.plan import Encapsulating, Link, MssClamp, Plan, VxlanHeader, WireguardDevice, WireguardPeer
from sapper.mtu.of_plan import TunnelSizes, tunnel_sizes
from sapper.mtu.parse import parse
from sapper.mtu.sizes import sizes

UNDERLAY = Link(name="eth0", kind="ethernet", addresses=(Attached.parse("192.0.2.10/24"),))


def the_tunnel(plan: Plan, generation: str | None = "1.4") -> TunnelSizes:
    (found,) = tunnel_sizes(plan, generation)
    return found


def with_links(plan: Plan, **changes: object) -> Plan:
    """The plan with fields of its first link changed."""
    first, *rest = plan.links
    return msgspec.structs.replace(plan, links=(msgspec.structs.replace(first, **changes), *rest))


def test_gre_in_transport_mode() -> None:
    found = the_tunnel(plan_of(GRE_IN_TRANSPORT))
    assert found.stack == "ipv4/esp:aes256gcm128-sha1/gre/ipv4"
    assert (found.underlay, found.link_mtu, found.configured_mtu) == ("eth0", 1500, 1476)
    assert (found.inner_mtu, found.least, found.excess) == (1442, 1434, 34)
    assert found.mss == (1402, 1382)
    assert found.commands == (
        "set interfaces tunnel tun0 mtu '1442'",
        "set interfaces tunnel tun0 ip adjust-mss '1402'",
    )
    assert "1434 if IKE finds a NAT on the way" in found.notes


def test_tunnel_mode_has_an_outer_header_of_its_own() -> None:
    text = GRE_IN_TRANSPORT.replace("mode 'transport'", "mode 'tunnel'").replace(
        "tunnel 1 protocol 'gre'",
        "tunnel 1 local prefix '192.0.2.10/32'\n"
        "set vpn ipsec site-to-site peer west tunnel 1 remote prefix '203.0.113.20/32'",
    )
    found = the_tunnel(plan_of(text))
    assert found.stack == "ipv4/esp:aes256gcm128-sha1/ipv4/gre/ipv4"
    assert found.inner_mtu == 1422


def test_a_vti_is_ipsec_s_own_tunnel() -> None:
    found = the_tunnel(plan_of(VTI))
    assert found.stack == "ipv4/esp:aes256gcm128-sha1/ipv4"
    assert (found.configured_mtu, found.inner_mtu) == (1500, 1446)
    assert found.commands[0] == "set interfaces vti vti0 mtu '1446'"


def test_nat_traversal_that_is_forced_or_certain_is_counted() -> None:
    forced = GRE_IN_TRANSPORT + "set vpn ipsec site-to-site peer west force-udp-encapsulation\n"
    assert the_tunnel(plan_of(forced)).stack == "ipv4/udp/esp:aes256gcm128-sha1/gre/ipv4"
    private = GRE_IN_TRANSPORT.replace("192.0.2.", "192.168.7.")
    found = the_tunnel(plan_of(private))
    assert found.stack == "ipv4/udp/esp:aes256gcm128-sha1/gre/ipv4"
    assert found.inner_mtu == found.least == 1434


def test_a_tunnel_that_no_policy_meets_goes_in_clear() -> None:
    other = GRE_IN_TRANSPORT.replace("tunnel 1 protocol 'gre'", "tunnel 1 protocol 'ipip'")
    assert the_tunnel(plan_of(other)).stack == "ipv4/gre/ipv4"


def test_the_underlay_s_mtu_counts() -> None:
    plan = plan_of(GRE_IN_TRANSPORT)
    found = the_tunnel(with_links(plan, mtu_bytes=9000))
    assert (found.link_mtu, found.inner_mtu, found.excess) == (9000, 8942, 0)
    assert found.commands == ("set interfaces tunnel tun0 ip adjust-mss '1436'",)


def test_pppoe_on_a_vlan_is_in_the_stack() -> None:
    plan = plan_of(GRE_IN_TRANSPORT)
    address = Attached.parse("192.0.2.10/32")
    links = (
        Link(name="eth0", kind="ethernet"),
        Link(name="eth0.7", kind="vlan", parent="eth0", vlan=7),
        Link(name="pppoe0", kind="pppoe", parent="eth0.7", mtu_bytes=1492, addresses=(address,)),
        *(link for link in plan.links if link.name != "eth0"),
    )
    found = the_tunnel(msgspec.structs.replace(plan, links=links))
    assert found.stack == "ethernet/vlan/pppoe/ipv4/esp:aes256gcm128-sha1/gre/ipv4"
    assert (found.underlay, found.link_mtu, found.inner_mtu) == ("pppoe0", 1500, 1434)


def test_a_clamp_that_is_there_is_not_asked_for_again() -> None:
    plan = plan_of(GRE_IN_TRANSPORT)
    clamped = msgspec.structs.replace(plan, mss_clamps=(MssClamp(family=4, bytes=1400, out_link="tun0"),))
    assert the_tunnel(clamped).commands == ("set interfaces tunnel tun0 mtu '1442'",)
    loose = msgspec.structs.replace(plan, mss_clamps=(MssClamp(family=4, bytes=1420, out_link="tun0"),))
    assert len(the_tunnel(loose).commands) == 2


def test_older_generations_clamp_under_firewall_options() -> None:
    found = the_tunnel(plan_of(GRE_IN_TRANSPORT), "1.3")
    assert found.commands[1] == "set firewall options interface tun0 adjust-mss '1402'"


def test_a_tunnel_over_a_tunnel_stands_on_that_one_s_mtu() -> None:
    wireguard = Link(
        name="wg0",
        kind="wireguard",
        mtu_bytes=1420,
        addresses=(Attached.parse("10.9.0.1/30"),),
        wireguard=WireguardDevice(
            private_key=None, peers=(WireguardPeer(public_key="x", endpoint=Address.parse("192.0.2.99")),)
        ),
    )
    gre = Link(
        name="tun0",
        kind="gre",
        mtu_bytes=1476,
        encapsulating=Encapsulating(protocol=47, local=Address.parse("10.9.0.1"), remote=Address.parse("10.9.0.2")),
    )
    over, under = tunnel_sizes(Plan(name="r", links=(UNDERLAY, gre, wireguard)))
    assert (under.stack, under.inner_mtu) == ("ipv4/udp/wireguard/ipv4", 1440)
    assert (over.stack, over.underlay, over.link_mtu, over.inner_mtu) == ("ipv4/gre/ipv4", "wg0", 1420, 1396)


def test_a_vti_that_nothing_is_bound_to_has_no_size() -> None:
    found = the_tunnel(Plan(name="r", links=(UNDERLAY, Link(name="vti0", kind="xfrm", if_id=1))))
    assert (found.stack, found.inner_mtu, found.commands) == (None, None, ())
    assert found.notes == ("no connection is bound to it",)


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("gre", "ipv4/gre/ipv4"),
        ("gretap", "ipv4/gretap/ipv4"),
        ("ipip", "ipip"),
        ("sit", "sit"),
        ("ipip6", "ipip6"),
        ("ip6ip6", "ip6ip6"),
        ("ip6gre", "ipv6/gre/ipv4"),
        ("ip6gretap", "ipv6/gretap/ipv4"),
    ],
)
def test_the_other_record_of_an_encapsulation_has_the_same_bytes(name: str, layers: str) -> None:
    assert sizes(parse(layers)).overhead(1500)[0] == ENCAPSULATIONS[name].overhead_bytes()


def test_a_vxlan_with_gpe_has_bare_packets_inside() -> None:
    vxlan = VxlanHeader(vni=None, remotes=(Address.parse("203.0.113.20"),), learning=False, gpe=True)
    plan = Plan(name="east", links=(UNDERLAY, Link(name="vxlan0", kind="vxlan", vxlan=vxlan)))
    found = the_tunnel(plan)
    assert (found.stack, found.inner_mtu) == ("ipv4/udp/vxlan-gpe:ip/ipv4", 1464)
