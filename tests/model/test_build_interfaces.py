"""Interfaces: what the text says, what VyOS' defaults add, and what is assumed where VyOS refuses."""

from __future__ import annotations

import pytest
from router_from_text import built_from, router_from

from sapper.address import Address, Attached
from sapper.model.interface import Encapsulation

GRE = """
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 source-address 192.0.2.10
set interfaces tunnel tun0 remote 203.0.113.20
"""


def test_a_tunnel_has_the_defaults_of_its_release() -> None:
    (tunnel,) = router_from(GRE).tunnels
    assert (tunnel.encapsulation, tunnel.ttl, tunnel.mtu_bytes, tunnel.encaplimit) == ("gre", 64, 1476, 4)
    assert (tunnel.local, tunnel.remote) == (Address.parse("192.0.2.10"), Address.parse("203.0.113.20"))
    assert tunnel.pmtu_discovery
    assert not tunnel.multicast
    (old,) = router_from(GRE.replace("source-address", "local-ip").replace("remote", "remote-ip")).tunnels
    assert old.ttl == 255


def test_every_option_of_a_tunnel_arrives() -> None:
    text = (
        GRE
        + """
set interfaces tunnel tun0 address 10.0.0.1/30
set interfaces tunnel tun0 source-interface eth0
set interfaces tunnel tun0 mtu 1400
set interfaces tunnel tun0 enable-multicast
set interfaces tunnel tun0 parameters ip key 4294967295
set interfaces tunnel tun0 parameters ip ttl 0
set interfaces tunnel tun0 parameters ip no-pmtu-discovery
set interfaces tunnel tun0 parameters ip ignore-df
set interfaces tunnel tun0 parameters ipv6 encaplimit none
set interfaces tunnel tun0 disable
"""
    )
    (tunnel,) = router_from(text).tunnels
    assert tunnel.addresses == (Attached.parse("10.0.0.1/30"),)
    assert (tunnel.source_interface, tunnel.mtu_bytes, tunnel.key, tunnel.ttl) == ("eth0", 1400, 2**32 - 1, 0)
    assert tunnel.encaplimit is None
    assert tunnel.multicast
    assert tunnel.ignore_df
    assert tunnel.disabled
    assert not tunnel.pmtu_discovery


def test_over_ipv6_the_hop_limit_counts() -> None:
    text = """
set interfaces tunnel tun0 encapsulation ip6gre
set interfaces tunnel tun0 source-address 2001:db8::1
set interfaces tunnel tun0 remote 2001:db8::2
set interfaces tunnel tun0 parameters ip ttl 9
set interfaces tunnel tun0 parameters ipv6 hoplimit 7
"""
    assert router_from(text).tunnels[0].ttl == 7


@pytest.mark.parametrize(
    ("written", "end", "inside", "meant"),
    [
        ("ipip", "2001:db8::1", "2001:db8:1::1/64", "ip6ip6"),
        ("ipip", "2001:db8::1", "10.0.0.1/30", "ipip6"),
        ("gre", "2001:db8::1", "10.0.0.1/30", "ip6gre"),
        ("gretap", "2001:db8::1", "10.0.0.1/30", "ip6gretap"),
        ("sit", "2001:db8::1", "2001:db8:1::1/64", "ip6ip6"),
        ("ip6gre", "192.0.2.1", "10.0.0.1/30", "gre"),
        ("ip6ip6", "192.0.2.1", "2001:db8:1::1/64", "sit"),
        ("ipip6", "192.0.2.1", "10.0.0.1/30", "ipip"),
    ],
)
def test_an_encapsulation_of_the_other_family(written: str, end: str, inside: str, meant: Encapsulation) -> None:
    text = f"""
set interfaces tunnel tun0 encapsulation {written}
set interfaces tunnel tun0 source-address {end}
set interfaces tunnel tun0 remote {end}
set interfaces tunnel tun0 address {inside}
"""
    built = built_from(text)
    assert built.router.tunnels[0].encapsulation == meant
    (assumed,) = built.defaulted
    assert assumed.code == "CFG302"
    assert text[assumed.span.start : assumed.span.end] == written


def test_ends_of_two_families_leave_one_out() -> None:
    built = built_from(GRE.replace("203.0.113.20", "2001:db8::2"))
    assert [assumed.code for assumed in built.defaulted] == ["CFG302"]
    (tunnel,) = built.router.tunnels
    assert (tunnel.local, tunnel.remote) == (Address.parse("192.0.2.10"), None)


def test_no_encapsulation_is_gre_of_the_ends_family() -> None:
    for end, encapsulation in (("192.0.2.1", "gre"), ("2001:db8::1", "ip6gre")):
        built = built_from(f"set interfaces tunnel tun0 source-address {end}\n")
        assert built.router.tunnels[0].encapsulation == encapsulation
        assert [assumed.code for assumed in built.defaulted] == ["CFG301"]


def test_an_address_without_length_is_a_host() -> None:
    built = built_from(
        "set interfaces dummy dum0 address 10.0.0.1\nset interfaces dummy dum0 address 2001:db8::1\n"
    )
    assert [str(address) for address in built.router.dummies[0].addresses] == ["10.0.0.1/32", "2001:db8::1/128"]
    assert [assumed.code for assumed in built.defaulted] == ["CFG303", "CFG303"]


def test_vlans_bridges_and_dynamic_addresses() -> None:
    router = router_from(
        """
set interfaces ethernet eth0 address dhcp
set interfaces ethernet eth0 ipv6 address autoconf
set interfaces ethernet eth0 vif 10 address 192.0.2.1/24
set interfaces ethernet eth0 disable
set interfaces bridge br0 member interface eth1
set interfaces bridge br0 member interface tun0
set interfaces loopback lo address 10.255.0.1/32
set interfaces vti vti0 address 10.0.0.1/30
"""
    )
    physical, vlan = router.ethernets
    assert physical.dynamic == ("dhcp", "autoconf")
    assert (vlan.name, vlan.parent, vlan.vlan, vlan.disabled) == ("eth0.10", "eth0", 10, True)
    assert router.bridges[0].members == ("eth1", "tun0")
    assert str(router.loopbacks[0].addresses[0]) == "10.255.0.1/32"
    assert router.vtis[0].mtu_bytes == 1500


def test_a_value_that_vyos_refuses_counts_as_not_written() -> None:
    (tunnel,) = router_from(GRE + "set interfaces tunnel tun0 mtu 99999\n").tunnels
    assert tunnel.mtu_bytes == 1476


def test_the_last_of_two_values_is_in_force() -> None:
    text = GRE + "".join(f"set interfaces tunnel tun0 parameters ip key {key}\n" for key in (10, 20, 10))
    assert router_from(text).tunnels[0].key == 10


def test_an_origin_covers_the_text_that_made_the_thing() -> None:
    text = "interfaces {\n    tunnel tun0 {\n        encapsulation gre\n    }\n}\n"
    origin = router_from(text).tunnels[0].origin
    assert origin.path == "interfaces tunnel tun0"
    assert text[origin.start : origin.end] == "tun0 {\n        encapsulation gre\n    }"
