"""The rules that all kinds of interfaces share, and those of bridges, VRFs and Ethernet, at their edges."""

from __future__ import annotations

import pytest
from interface_text import found, lines, severities, tunnel

ETHERNET = "interfaces ethernet eth0"
NO_LINK_LOCAL = "ipv6 address no-default-link-local"
OLD = "set interfaces tunnel tun9 local-ip 192.0.2.9\n"
"""One word of 1.2, which makes the whole text one of 1.2."""


@pytest.mark.parametrize("kind", ["tunnel tun0", "ethernet eth0", "wireguard wg0", "l2tpv3 l2tpeth0"])
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["mtu 1280"], []),
        (["mtu 1280", "address 2001:db8::1/64"], []),
        (["mtu 1279"], ["error"]),
        (["mtu 1279", NO_LINK_LOCAL], []),
        (["mtu 1279", NO_LINK_LOCAL, "address 10.0.0.1/24"], []),
        (["mtu 1279", NO_LINK_LOCAL, "address 2001:db8::1/64"], ["error"]),
        (["mtu 1279", NO_LINK_LOCAL, "ipv6 address autoconf"], ["error"]),
        (["mtu 1279", NO_LINK_LOCAL, "ipv6 address eui64 2001:db8::/64"], ["error"]),
        (["mtu 20"], []),
        ([NO_LINK_LOCAL], []),
    ],
)
def test_what_vyos_asks_of_a_small_mtu(kind: str, options: list[str], expected: list[str]) -> None:
    assert severities(lines(f"interfaces {kind}", *options), "CFG326") == expected


def test_a_small_mtu_in_older_text_and_on_leased_interfaces() -> None:
    assert severities(lines(ETHERNET, "mtu 1279", NO_LINK_LOCAL, "address dhcpv6"), "CFG326") == ["error"]
    assert severities(OLD + lines("interfaces tunnel tun0", "mtu 1279"), "CFG326") == ["warning"]
    assert severities(lines("interfaces vxlan vxlan0", "mtu 1279"), "CFG326") == ["error"]
    assert severities(lines("interfaces geneve gnv0", "mtu 1200"), "CFG326") == ["error"]


@pytest.mark.parametrize("kind", ["vti vti0", "dummy dum0", "bridge br0", "ethernet eth0 vif 10"])
def test_where_only_the_kernel_minds_a_small_mtu(kind: str) -> None:
    above = f"interfaces {kind}"
    assert severities(lines(above, "mtu 1279"), "CFG326") == []
    assert severities(lines(above, "mtu 1279", "address 10.0.0.1/24"), "CFG326") == []
    assert severities(lines(above, "mtu 1279", "address 2001:db8::1/64"), "CFG326") == ["warning"]
    assert severities(lines(above, "mtu 1280", "address 2001:db8::1/64"), "CFG326") == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["mtu 1500", "vif 10 mtu 1500"], []),
        (["mtu 1400", "vif 10 mtu 1401"], ["error"]),
        (["vif 10 mtu 1500"], []),
        (["vif 10 mtu 1501"], ["warning"]),
        (["mtu 1600", "vif-s 10 mtu 1550", "vif-s 10 vif-c 20 mtu 1551"], ["error"]),
        (["mtu 1600", "vif-s 10 vif-c 20 mtu 1600"], []),
        (["mtu 1600", "vif-s 10 vif-c 20 mtu 1601"], ["error"]),
        (["mtu 1540", "vif-s 10 mtu 1550", "vif-s 10 vif-c 20 mtu 1541"], ["error", "error"]),
        (["mtu 9000"], []),
        (["mtu 9001"], ["info"]),
    ],
)
def test_the_mtu_of_a_vlan(options: list[str], expected: list[str]) -> None:
    assert severities(lines(ETHERNET, *options), "CFG327") == expected


def test_the_mtu_of_a_vlan_of_a_bridge_is_the_kernels_business() -> None:
    assert severities(lines("interfaces bridge br0", "mtu 1400", "vif 10 mtu 1500"), "CFG327") == ["warning"]


@pytest.mark.parametrize(
    ("member", "text", "expected"),
    [
        ("eth1", lines("interfaces ethernet eth1", "address 10.0.0.1/24"), ["error"]),
        ("eth1", lines("interfaces ethernet eth1", "address dhcp"), ["error"]),
        ("eth1", lines("interfaces ethernet eth1", "vrf BLUE"), ["error"]),
        ("eth1", lines("interfaces ethernet eth1", "address 10.0.0.1/24", "vrf BLUE"), ["error", "error"]),
        ("eth1", lines("interfaces ethernet eth1", "vif 10 address 10.0.0.1/24"), []),
        ("eth1.10", lines("interfaces ethernet eth1", "vif 10 address 10.0.0.1/24"), ["error"]),
        ("eth1.10.20", lines("interfaces ethernet eth1", "vif-s 10 vif-c 20 vrf BLUE"), ["error"]),
        ("tun0", tunnel("gretap", "address 10.0.0.1/24"), ["error"]),
        ("dum0", lines("interfaces dummy dum0", "address 10.0.0.1/32"), ["error"]),
        ("eth2", lines("interfaces ethernet eth1", "address 10.0.0.1/24"), []),
    ],
)
def test_what_a_bridge_member_may_not_have(member: str, text: str, expected: list[str]) -> None:
    assert severities(text + f"set interfaces bridge br0 member interface {member}\n", "CFG328") == expected


def test_what_the_member_has_is_named() -> None:
    text = "set interfaces bridge br0 member interface eth1\n" + lines("interfaces ethernet eth1", "vrf BLUE")
    assert "has the VRF BLUE" in found(text, "CFG328")[0].message
    text = text.replace("vrf BLUE", "address 10.0.0.1/24")
    assert "has the address 10.0.0.1/24" in found(text, "CFG328")[0].message


def test_a_bond_member_may_have_an_address_for_all_that_vyos_says_but_no_vrf() -> None:
    bond = "set interfaces bonding bond0 member interface eth1\n"
    assert severities(bond + lines("interfaces ethernet eth1", "address 10.0.0.1/24"), "CFG328") == []
    assert severities(bond + lines("interfaces ethernet eth1", "vrf BLUE"), "CFG328") == ["error"]


def test_one_interface_has_one_master() -> None:
    member = "set interfaces bridge br0 member interface eth1\n"
    assert severities(member + member, "CFG329") == []
    assert severities(member + member.replace("br0", "br1"), "CFG329") == ["error"]
    assert severities(member + "set interfaces bonding bond0 member interface eth1\n", "CFG329") == ["error"]
    assert severities(member + member.replace("eth1", "eth1.10"), "CFG329") == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["vif 10 address 10.0.0.1/24"], ["error"]),
        (["enable-vlan", "vif 10 address 10.0.0.1/24"], []),
        (["enable-vlan", "vif 1 address 10.0.0.1/24"], ["error"]),
        (["member interface eth0 native-vlan 10"], ["error"]),
        (["member interface eth0 native-vlan 10", "member interface eth0 allowed-vlan 10-20"], ["error", "error"]),
        (["enable-vlan", "member interface eth0 native-vlan 10"], []),
        (["enable-vlan", "member interface eth7"], ["error"]),
        (["enable-vlan", "member interface eth8"], ["error"]),
        (["member interface eth7"], []),
    ],
)
def test_vlans_of_a_bridge(options: list[str], expected: list[str]) -> None:
    vlans = "set interfaces ethernet eth7 vif 10\nset interfaces ethernet eth8 vif-s 10\n"
    assert severities(vlans + lines("interfaces bridge br0", *options), "CFG330") == expected


def test_a_vif_of_a_bridge_is_no_error_in_1_2() -> None:
    assert severities(OLD + lines("interfaces bridge br0", "vif 10"), "CFG330") == ["warning"]


def test_a_vrf_must_be_defined_unless_the_text_is_a_fragment() -> None:
    use = lines("interfaces tunnel tun0", "vrf BLU") + lines(ETHERNET, "vif 10 vrf default")
    assert severities(use, "CFG331") == ["error"]
    assert severities(use + "set vrf name BLU table 100\n", "CFG331") == []
    assert severities(lines("interfaces tunnel tun0", "vrf BLUE"), "CFG331") == []
    (finding,) = found(use + "set vrf name BLUE table 100\n", "CFG331")
    assert "did you mean `BLUE`?" in finding.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("set vrf name BLUE table 100\n", []),
        ("set vrf name BLUE description x\n", ["error"]),
        ("set vrf name BLUE table 100\nset vrf name RED table 100\nset vrf name GREEN table 100\n", ["error"] * 2),
        ("set vrf name default table 100\n", ["error"]),
        ("set vrf name Default table 100\n", []),
        ("set vrf name BLUE table 150\nset protocols static table 150 route 10.0.0.0/8 blackhole\n", ["warning"]),
        ("set vrf name BLUE table 150\nset protocols static table 15 route 10.0.0.0/8 blackhole\n", []),
    ],
)
def test_the_definition_of_a_vrf(text: str, expected: list[str]) -> None:
    assert severities(text, "CFG332") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (lines(ETHERNET, "mirror ingress eth1", "mirror egress eth1"), []),
        (lines(ETHERNET, "redirect eth1"), []),
        (lines(ETHERNET, "redirect eth1", "mirror egress eth1"), ["error"]),
        (lines(ETHERNET, "mirror ingress eth0"), ["error"]),
        (lines(ETHERNET, "vif 10 mirror ingress eth0"), []),
        (lines(ETHERNET, "vif 10 mirror ingress eth0.10"), ["error"]),
        (lines(ETHERNET, "redirect eth1") + "set qos interface eth0 ingress LIMIT\n", ["error"]),
        (lines(ETHERNET, "redirect eth1") + "set qos interface eth0 egress LIMIT\n", []),
        (lines(ETHERNET, "mirror ingress eth1") + "set qos interface eth0 ingress LIMIT\n", ["error"]),
        (lines(ETHERNET, "mirror ingress eth1", "traffic-policy in LIMIT"), ["error"]),
        (lines("interfaces loopback lo", "mirror ingress eth1", "redirect eth1"), ["error"]),
        (lines("interfaces vti vti0", "mirror ingress eth1", "redirect eth1"), ["error"]),
        ("set qos interface eth0 ingress LIMIT\n", []),
    ],
)
def test_mirror_and_redirect(text: str, expected: list[str]) -> None:
    assert severities(text, "CFG333") == expected


@pytest.mark.parametrize("option", ["mirror ingress eth9", "mirror egress eth9", "redirect eth9"])
def test_the_target_of_mirror_and_redirect_is_configured(option: str) -> None:
    assert severities(lines(ETHERNET, option), "CFG312") == ["error"]
    assert severities(lines(ETHERNET, option.replace("eth9", "lo")), "CFG312") == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["speed auto", "duplex auto"], []),
        (["speed 1000", "duplex full"], []),
        (["speed 1000"], ["error"]),
        (["speed auto", "duplex half"], ["error"]),
        (["vif 10", "vif-s 20"], []),
        (["vif 10", "vif-s 10"], ["error"]),
        (["vif-s 10 vif-c 10"], []),
        (["address dhcp", "address 10.0.0.1/24"], []),
    ],
)
def test_ethernet(options: list[str], expected: list[str]) -> None:
    assert severities(lines(ETHERNET, *options), "CFG345") == expected


def test_the_loopback_interface_is_refused_in_a_bridge_by_vyos_itself() -> None:
    text = "set interfaces bridge br0 member interface lo\nset interfaces bridge br0 member interface tun0\n"
    assert severities(tunnel("gre") + text, "CFG320") == ["error", "warning"]
