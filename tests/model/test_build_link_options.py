"""What every kind of interface has in common, and the VLANs, bonds and bridges made of Ethernet interfaces."""

from __future__ import annotations

import pytest
from router_from_text import router_from

from sapper.model.interface import Interface, LinkOptions
from sapper.model.router import Router

KINDS = {
    "ethernet eth0": "ethernets",
    "dummy dum0": "dummies",
    "bridge br0": "bridges",
    "tunnel tun0": "tunnels",
    "vti vti0": "vtis",
    "wireguard wg0": "wireguards",
    "vxlan vxlan0": "vxlans",
    "geneve gnv0": "geneves",
    "l2tpv3 l2tpeth0": "l2tpv3s",
    "pppoe pppoe0": "pppoes",
}


def only(router: Router, field: str) -> Interface:
    (found,) = getattr(router, field)
    assert hasattr(found, "options")
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", KINDS)
def test_an_interface_says_its_vrf_and_what_it_filters(kind: str) -> None:
    options = only(
        router_from(
            f"""
set interfaces {kind} vrf RED
set interfaces {kind} ip source-validation strict
set interfaces {kind} ip disable-forwarding
set interfaces {kind} ipv6 disable-forwarding
set interfaces {kind} mirror ingress eth7
set interfaces {kind} mirror egress eth8
set interfaces {kind} redirect eth9
"""
        ),
        KINDS[kind],
    ).options
    assert (options.vrf, options.source_validation_ipv4) == ("RED", "strict")
    assert (options.forwarding_ipv4, options.forwarding_ipv6) == (False, False)
    assert (options.mirror, options.redirect) == (("eth7", "eth8"), "eth9")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("dummy")])
def test_a_clamp_is_a_number_or_the_path_s(kind: str) -> None:
    options = only(
        router_from(
            f"set interfaces {kind} ip adjust-mss 1400\nset interfaces {kind} ipv6 adjust-mss clamp-mss-to-pmtu\n"
        ),
        KINDS[kind],
    ).options
    assert (options.mss_ipv4, options.mss_ipv6) == (1400, "pmtu")


def test_an_interface_that_says_nothing_has_the_plain_options() -> None:
    router = router_from("".join(f"set interfaces {kind} disable\n" for kind in KINDS))
    for field in KINDS.values():
        interface = only(router, field)
        assert interface.options == LinkOptions()
        assert interface.disabled  # type: ignore[union-attr]


def test_the_default_vrf_is_none() -> None:
    (tunnel,) = router_from("set interfaces tunnel tun0 vrf default\n").tunnels
    assert tunnel.options.vrf is None


def test_a_value_out_of_range_counts_as_not_written() -> None:
    (tunnel,) = router_from("set interfaces tunnel tun0 ip adjust-mss 100\n").tunnels
    assert tunnel.options.mss_ipv4 is None


def test_vlans_inside_vlans() -> None:
    ports = router_from(
        """
set interfaces ethernet eth0 vif-s 100 address 192.0.2.1/24
set interfaces ethernet eth0 vif-s 100 vif-c 200 address dhcp
set interfaces ethernet eth0 vif-s 100 vif-c 200 vrf RED
set interfaces ethernet eth0 vif-s 101 protocol 802.1q
set interfaces ethernet eth0 vif-s 101 disable
set interfaces ethernet eth0 vif-s 101 vif-c 1 mtu 1400
set interfaces ethernet eth0 vif 5 mtu 1496
"""
    ).ethernets
    said = [(port.name, port.parent, port.vlan, port.vlan_protocol, port.disabled) for port in ports]
    assert said == [
        ("eth0", None, None, "802.1q", False),
        ("eth0.5", "eth0", 5, "802.1q", False),
        ("eth0.100", "eth0", 100, "802.1ad", False),
        ("eth0.100.200", "eth0.100", 200, "802.1q", False),
        ("eth0.101", "eth0", 101, "802.1q", True),
        ("eth0.101.1", "eth0.101", 1, "802.1q", True),
    ]
    inner = ports[3]
    assert (inner.dynamic, inner.options.vrf, inner.origin.path) == (
        ("dhcp",),
        "RED",
        "interfaces ethernet eth0 vif-s 100 vif-c 200",
    )


def test_a_bond_is_an_ethernet_interface_with_members() -> None:
    bond, vlan = router_from(
        """
set interfaces bonding bond0 member interface eth1
set interfaces bonding bond0 member interface eth2
set interfaces bonding bond0 mode 802.3ad
set interfaces bonding bond0 vif 7 address 192.0.2.1/24
"""
    ).ethernets
    assert (bond.name, bond.members, bond.mtu_bytes) == ("bond0", ("eth1", "eth2"), 1500)
    assert (vlan.name, vlan.parent) == ("bond0.7", "bond0")


def test_a_bridge_has_vlans_and_names_addresses_that_come_at_run_time() -> None:
    router = router_from(
        """
set interfaces bridge br0 address dhcp
set interfaces bridge br0 ipv6 address autoconf
set interfaces bridge br0 vif 7 address dhcp
"""
    )
    assert [(port.name, port.parent, port.dynamic) for port in router.ethernets] == [("br0.7", "br0", ("dhcp",))]
    assert router.unmodelled == (
        "interfaces bridge br0 ipv6 address autoconf",
        "interfaces bridge br0 address dhcp",
    )
