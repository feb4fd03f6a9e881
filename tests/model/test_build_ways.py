"""What decides a packet's way: VRFs and their routes, policies, destination NAT, kernel settings, DMVPN."""

from __future__ import annotations

from router_from_text import built_from, router_from

from sapper.address import Address, Prefix


def test_routes_of_a_vrf_go_into_its_table() -> None:
    router = router_from(
        """
set vrf name RED table 100
set vrf name RED protocols static route 10.0.0.0/8 next-hop 192.0.2.1 vrf default
set vrf name RED protocols static route6 ::/0 blackhole
set vrf name RED protocols bgp system-as 64496
set vrf name BLUE disable
set protocols static route 10.1.0.0/16 interface eth1 vrf RED
set protocols static route 10.2.0.0/16 dhcp-interface eth2
"""
    )
    assert [(vrf.name, vrf.table, vrf.disabled) for vrf in router.vrfs] == [("RED", 100, False)]
    leaked, leased, hop, hole = router.routes
    assert (leaked.table, leaked.vrf, leaked.next_hop_vrf) == (254, None, "RED")
    assert (leased.interface, leased.dhcp_interface, leased.next_hop) == ("eth2", "eth2", None)
    assert (hop.table, hop.vrf, hop.next_hop_vrf) == (100, "RED", "default")
    assert (hole.table, hole.vrf, hole.kind) == (100, "RED", "blackhole")
    assert router.unmodelled == ("vrf name RED protocols bgp", "vrf name BLUE")


def test_a_policy_and_its_rules() -> None:
    four, six = router_from(
        """
set policy route6 MARK rule 5 set mark 7
set policy route PBR interface eth1
set policy route PBR interface eth2.7
set policy route PBR rule 20 set vrf RED
set policy route PBR rule 20 disable
set policy route PBR rule 10 action accept
set policy route PBR rule 10 protocol tcp
set policy route PBR rule 10 source address !10.0.0.0/8
set policy route PBR rule 10 destination address 192.0.2.1
set policy route PBR rule 10 tcp flags syn
set policy route PBR rule 10 set tcp-mss 1300
set policy route PBR rule 10 set table main
set policy route PBR rule 10 ipsec match-none-out
"""
    ).policies
    assert (four.name, four.family, four.interfaces) == ("PBR", 4, ("eth1", "eth2.7"))
    ten, twenty = four.rules
    assert (ten.number, ten.action, ten.protocol, ten.syn) == (10, "accept", 6, True)
    assert (ten.source, ten.negated) == (Prefix.parse("10.0.0.0/8"), ("source",))
    assert ten.destination == Prefix.parse("192.0.2.1/32")
    assert (ten.mss, ten.table, ten.ipsec, ten.unmodelled) == (1300, 254, ("none-out",), ())
    assert (twenty.vrf, twenty.disabled) == ("RED", True)
    assert (six.family, six.interfaces, six.rules[0].mark) == (6, (), 7)


def test_what_a_policy_matches_on_beyond_its_record_is_named() -> None:
    (policy,) = router_from(
        """
set policy route PBR rule 10 source port 22
set policy route PBR rule 10 source mac-address 00:53:00:00:00:01
set policy route PBR rule 10 destination group network-group LANS
set policy route PBR rule 10 tcp flags not rst
set policy route PBR rule 10 tcp flags ack
set policy route PBR rule 10 state new
set policy route PBR rule 10 protocol tcp_udp
set policy route PBR rule 10 destination address 10.0.0.1-10.0.0.9
"""
    ).policies
    assert sorted(policy.rules[0].unmodelled) == [
        "destination address 10.0.0.1-10.0.0.9",
        "destination group",
        "protocol tcp_udp",
        "source mac-address",
        "source port",
        "state",
        "tcp flags ack",
        "tcp flags not",
    ]


def test_destination_nat() -> None:
    first, second, third = router_from(
        """
set nat destination rule 30 translation redirect port 8080
set nat destination rule 10 inbound-interface name !eth0
set nat destination rule 10 protocol tcp
set nat destination rule 10 destination address 192.0.2.1
set nat destination rule 10 destination port 80,443
set nat destination rule 10 translation address 10.0.0.5
set nat destination rule 10 translation port 8000-8001
set nat destination rule 20 exclude
set nat destination rule 20 inbound-interface group WAN
set nat destination rule 40 disable
"""
    ).destination_nat
    assert (first.number, first.inbound, first.negated, first.protocol) == (10, "eth0", ("inbound",), 6)
    assert (first.destination, first.destination_port) == (Prefix.parse("192.0.2.1/32"), "80,443")
    assert (first.translation, first.translation_port) == (Address.parse("10.0.0.5"), "8000-8001")
    assert first.unmodelled == ()
    assert (second.exclude, second.unmodelled) == (True, ("inbound-interface group",))
    assert (third.translation, third.unmodelled) == (None, ("translation redirect",))


def test_kernel_settings_that_are_written_and_that_an_option_makes() -> None:
    settings = router_from(
        """
set system sysctl parameter net.ipv4.conf.all.rp_filter value 1
set system sysctl parameter net.ipv4.empty
set system ip disable-forwarding
set system ipv6 disable-forwarding
"""
    ).sysctls
    assert [(setting.name, setting.value) for setting in settings] == [
        ("net.ipv4.ip_forward", "0"),
        ("net.ipv6.conf.all.forwarding", "0"),
        ("net.ipv4.conf.all.rp_filter", "1"),
    ]


DMVPN = """
set vpn ipsec esp-group ESP mode transport
set vpn ipsec ike-group IKE key-exchange ikev1
set vpn ipsec profile NHRP authentication mode pre-shared-secret
set vpn ipsec profile NHRP authentication pre-shared-secret hunter2correcthorse
set vpn ipsec profile NHRP bind tunnel tun0
set vpn ipsec profile NHRP bind tunnel tun1
set vpn ipsec profile NHRP esp-group ESP
set vpn ipsec profile NHRP ike-group IKE
set protocols nhrp tunnel tun0 map 10.0.0.1/24 nbma-address 203.0.113.9
set protocols nhrp tunnel tun0 map 10.0.0.2/24 register
set protocols nhrp tunnel tun0 dynamic-map 10.0.0.0/24 nbma-domain-name hub.example
set protocols nhrp tunnel tun0 cisco-authentication hunter2
"""


def test_a_profile_and_its_far_ends() -> None:
    built = built_from(DMVPN)
    (profile,), (tunnel,) = built.router.profiles, built.router.nhrp
    assert profile.secret is not None
    assert profile.secret.reveal() == "hunter2correcthorse"
    assert (profile.tunnels, profile.esp_group.mode, profile.ike_group.key_exchange) == (
        ("tun0", "tun1"),
        "transport",
        "ikev1",
    )
    assert tunnel.maps == (("10.0.0.1/24", "203.0.113.9"),)
    assert tunnel.dynamic_maps == (("10.0.0.0/24", "hub.example"),)
    assert built.router.unmodelled == ()
    assert "hunter2" not in repr(built)


def test_a_profile_without_groups_goes_on_with_the_defaults() -> None:
    built = built_from("set vpn ipsec profile NHRP bind tunnel tun0\nset vpn ipsec esp-group ESP mode transport\n")
    assert [assumed.code for assumed in built.defaulted] == ["CFG307", "CFG308"]
    assert "this profile names no ike-group" in built.defaulted[0].message
    assert built.router.profiles[0].esp_group.mode == "tunnel"


def test_lifetimes_by_volume_and_virtual_addresses() -> None:
    (peer,) = router_from(
        """
set vpn ipsec esp-group ESP life-bytes 100000
set vpn ipsec esp-group ESP life-packets 5000
set vpn ipsec site-to-site peer west default-esp-group ESP
set vpn ipsec site-to-site peer west ike-group IKE
set vpn ipsec site-to-site peer west authentication mode rsa
set vpn ipsec site-to-site peer west remote-address 203.0.113.9
set vpn ipsec site-to-site peer west virtual-address 0.0.0.0
set vpn ipsec site-to-site peer west tunnel 1 protocol gre
"""
    ).peers
    group = peer.tunnels[0].esp_group
    assert (group.life_bytes, group.life_packets) == (100000, 5000)
    assert peer.virtual_addresses == ("0.0.0.0",)
