"""WireGuard, VXLAN, GENEVE, L2TPv3 and PPPoE: every value in its field, and VyOS' defaults where nothing is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from router_from_text import router_from

from sapper.address import Address, Attached, Prefix

KEY = "aGx+fvW916Ej7QRnBbW3QMoldhNv1u95/WHz45zDmF0="
OTHER = "ALGWvMJCKpHF2tVH3hEIHqUe9iFfAmZATUUok/WQzks="


def test_a_wireguard_interface_and_its_peers() -> None:
    router = router_from(
        f"""
set interfaces wireguard wg0 address 10.9.0.1/30
set interfaces wireguard wg0 private-key {KEY}
set interfaces wireguard wg0 port 51820
set interfaces wireguard wg0 fwmark 17
set interfaces wireguard wg0 peer west public-key {OTHER}
set interfaces wireguard wg0 peer west preshared-key {KEY}
set interfaces wireguard wg0 peer west allowed-ips 10.2.0.0/16
set interfaces wireguard wg0 peer west allowed-ips 2001:db8::/32
set interfaces wireguard wg0 peer west address 2001:db8:ffff::9
set interfaces wireguard wg0 peer west port 51821
set interfaces wireguard wg0 peer west persistent-keepalive 25
set interfaces wireguard wg0 peer phone disable
"""
    )
    (wireguard,) = router.wireguards
    assert wireguard.addresses == (Attached.parse("10.9.0.1/30"),)
    assert (wireguard.port, wireguard.fwmark, wireguard.mtu_bytes) == (51820, 17, 1420)
    assert wireguard.private_key is not None
    assert wireguard.private_key.reveal() == KEY
    west, phone = wireguard.peers
    assert west.public_key == OTHER
    assert west.preshared_key is not None
    assert west.allowed == (Prefix.parse("10.2.0.0/16"), Prefix.parse("2001:db8::/32"))
    assert (west.endpoint, west.port, west.keepalive_s) == (Address.parse("2001:db8:ffff::9"), 51821, 25)
    assert (phone.endpoint, phone.allowed, phone.disabled) == (None, (), True)
    assert KEY not in repr(router)


def test_a_wireguard_peer_by_link_local_address_is_named() -> None:
    router = router_from("set interfaces wireguard wg0 peer west address fe80::1%eth0\n")
    assert router.wireguards[0].peers[0].endpoint is None
    assert router.unmodelled == ("interfaces wireguard wg0 peer west address",)


def test_a_vxlan_interface() -> None:
    (vxlan,) = router_from(
        """
set interfaces vxlan vxlan0 vni 10
set interfaces vxlan vxlan0 remote 203.0.113.9
set interfaces vxlan vxlan0 remote 203.0.113.10
set interfaces vxlan vxlan0 source-address 192.0.2.1
set interfaces vxlan vxlan0 source-interface eth0
set interfaces vxlan vxlan0 port 8472
set interfaces vxlan vxlan0 gpe
set interfaces vxlan vxlan0 parameters nolearning
set interfaces vxlan vxlan0 parameters neighbor-suppress
set interfaces vxlan vxlan0 parameters ip df set
set interfaces vxlan vxlan0 parameters ip tos 20
set interfaces vxlan vxlan0 parameters ip ttl 0
set interfaces vxlan vxlan0 parameters ipv6 flowlabel 0x1f
"""
    ).vxlans
    assert [str(remote) for remote in vxlan.remotes] == ["203.0.113.9", "203.0.113.10"]
    assert (vxlan.vni, str(vxlan.local), vxlan.source_interface, vxlan.port) == (10, "192.0.2.1", "eth0", 8472)
    assert (vxlan.gpe, vxlan.learning, vxlan.neighbor_suppress, vxlan.external) == (True, False, True, False)
    assert (vxlan.df, vxlan.tos, vxlan.ttl, vxlan.flow_label) == ("set", 0x20, 0, 0x1F)


def test_the_defaults_of_the_udp_tunnels() -> None:
    router = router_from(
        "set interfaces vxlan vxlan0 vni 1\nset interfaces geneve gnv0 vni 1\nset interfaces l2tpv3 l2tpeth0 disable\n"
    )
    vxlan, geneve, l2tpv3 = router.vxlans[0], router.geneves[0], router.l2tpv3s[0]
    assert (vxlan.port, vxlan.mtu_bytes, vxlan.ttl, vxlan.df, vxlan.tos) == (4789, 1500, 16, "unset", None)
    assert (geneve.mtu_bytes, geneve.ttl, geneve.df, geneve.tos) == (1500, 0, "unset", None)
    assert (l2tpv3.encapsulation, l2tpv3.mtu_bytes, l2tpv3.source_port, l2tpv3.tunnel_id) == (
        "udp",
        1488,
        5000,
        None,
    )


def test_vlans_are_mapped_one_by_one() -> None:
    (vxlan,) = router_from(
        """
set interfaces vxlan vxlan0 parameters external
set interfaces vxlan vxlan0 vlan-to-vni 30-32 vni 130-132
set interfaces vxlan vxlan0 vlan-to-vni 10 vni 10010
set interfaces vxlan vxlan0 vlan-to-vni 40-41 vni 7
set interfaces vxlan vxlan0 vlan-to-vni 50
"""
    ).vxlans
    assert vxlan.vlan_to_vni == ((10, 10010), (30, 130), (31, 131), (32, 132))


RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9), st.integers(0, 200)), max_size=12)


@given(RANGES)
def test_the_first_entry_that_has_a_vlan_maps_it(ranges: list[tuple[int, int, int]]) -> None:
    entries = {f"{low}-{low + more}": (low, more, vni) for low, more, vni in ranges}
    lines = [
        f"set interfaces vxlan vxlan0 vlan-to-vni {name} vni {vni}-{vni + more}"
        for name, (_, more, vni) in entries.items()
    ]
    expected: dict[int, int] = {}
    for low, more, vni in entries.values():
        for offset in range(more + 1):
            expected.setdefault(low + offset, vni + offset)
    vxlans = router_from("\n".join([*lines, "set interfaces vxlan vxlan0 gpe"]) + "\n").vxlans
    assert dict(vxlans[0].vlan_to_vni) == expected


def test_a_geneve_interface() -> None:
    (geneve,) = router_from(
        """
set interfaces geneve gnv0 vni 7
set interfaces geneve gnv0 remote 2001:db8::9
set interfaces geneve gnv0 parameters ip df inherit
set interfaces geneve gnv0 parameters ip tos 99
set interfaces geneve gnv0 parameters ip ttl 3
set interfaces geneve gnv0 parameters ip innerproto
"""
    ).geneves
    assert (geneve.vni, str(geneve.remote), geneve.df) == (7, "2001:db8::9", "inherit")
    assert (geneve.tos, geneve.ttl, geneve.inner_protocol) == (0x99, 3, True)


def test_an_l2tpv3_interface() -> None:
    (l2tpv3,) = router_from(
        """
set interfaces l2tpv3 l2tpeth0 encapsulation ip
set interfaces l2tpv3 l2tpeth0 source-address 192.0.2.1
set interfaces l2tpv3 l2tpeth0 remote 203.0.113.9
set interfaces l2tpv3 l2tpeth0 tunnel-id 1
set interfaces l2tpv3 l2tpeth0 peer-tunnel-id 2
set interfaces l2tpv3 l2tpeth0 session-id 3
set interfaces l2tpv3 l2tpeth0 peer-session-id 429496729
set interfaces l2tpv3 l2tpeth0 destination-port 6000
"""
    ).l2tpv3s
    assert (l2tpv3.encapsulation, str(l2tpv3.local), str(l2tpv3.remote)) == ("ip", "192.0.2.1", "203.0.113.9")
    ids = (l2tpv3.tunnel_id, l2tpv3.peer_tunnel_id, l2tpv3.session_id, l2tpv3.peer_session_id)
    assert ids == (1, 2, 3, 429496729)
    assert (l2tpv3.source_port, l2tpv3.destination_port) == (5000, 6000)


def test_a_pppoe_interface() -> None:
    plain, odd = router_from(
        """
set interfaces pppoe pppoe0 source-interface eth1.7
set interfaces pppoe pppoe0 authentication username east
set interfaces pppoe pppoe0 authentication password hunter2
set interfaces pppoe pppoe1 mtu 1400
set interfaces pppoe pppoe1 mru 1450
set interfaces pppoe pppoe1 no-default-route
set interfaces pppoe pppoe1 default-route-distance 20
set interfaces pppoe pppoe1 local-address 192.0.2.1
set interfaces pppoe pppoe1 remote-address 192.0.2.254
set interfaces pppoe pppoe1 ipv6 address autoconf
"""
    ).pppoes
    assert (plain.source_interface, plain.mtu_bytes, plain.mru_bytes) == ("eth1.7", 1492, None)
    assert (plain.default_route, plain.default_route_distance, plain.autoconf) == (True, 1, False)
    assert (odd.mtu_bytes, odd.mru_bytes, odd.default_route, odd.default_route_distance) == (1400, 1450, False, 20)
    assert (str(odd.local), str(odd.remote), odd.autoconf) == ("192.0.2.1", "192.0.2.254", True)
