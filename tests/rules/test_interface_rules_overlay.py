"""The rules of WireGuard, VXLAN, GENEVE and L2TPv3 at their edges."""

from __future__ import annotations

import base64

import pytest
from interface_text import footer, found, lines, severities

WIREGUARD = "interfaces wireguard wg0"
VXLAN = "interfaces vxlan vxlan0"
L2TP = "interfaces l2tpv3 l2tpeth0"
ETHERNET = "set interfaces ethernet eth0 address 192.0.2.10/24\n"
PRIVATE = "XasIfmJKikt54X+Lg4AO5m87sSkmGLb9HC+LJ/+I4Os="
PUBLIC = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="
OTHER = base64.b64encode(bytes(range(32))).decode()
COMPLETE = (f"private-key {PRIVATE}", f"peer west public-key {OTHER}", "peer west allowed-ips 10.2.0.0/16")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (COMPLETE, 0),
        (COMPLETE[1:], 1),
        (COMPLETE[:1], 1),
        ((COMPLETE[0], COMPLETE[1]), 1),
        ((COMPLETE[0], COMPLETE[2]), 1),
        ((COMPLETE[0], "peer west description x"), 2),
        ((*COMPLETE, "peer west address 203.0.113.20"), 1),
        ((*COMPLETE, "peer west port 51820"), 1),
        ((*COMPLETE, "peer west address 203.0.113.20", "peer west port 51820"), 0),
        (("address 10.0.0.1/30",), 2),
    ],
)
def test_what_wireguard_needs(options: tuple[str, ...], expected: int) -> None:
    assert severities(lines(WIREGUARD, *options), "CFG346") == ["error"] * expected


def test_the_private_key_of_older_releases_is_in_a_file() -> None:
    text = "interfaces {\n wireguard wg0 {\n  peer west {\n   allowed-ips 10.2.0.0/16\n   pubkey abc\n  }\n }\n}\n"
    assert "no private-key" not in str(found(text + footer(25), "CFG346"))
    assert "no private-key" in str(found(text.replace("pubkey", "public-key") + footer(26), "CFG346"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (COMPLETE, 0),
        ((*COMPLETE, f"peer north public-key {OTHER}"), 1),
        ((*COMPLETE, f"peer north public-key {PUBLIC}"), 1),
        ((*COMPLETE, f"peer north public-key {PUBLIC}", "peer north disable"), 0),
        ((*COMPLETE, f"peer north public-key {OTHER}", "peer north disable"), 1),
        (("private-key default", f"peer west public-key {PUBLIC}"), 0),
        ((f"peer west public-key {PUBLIC}",), 0),
    ],
)
def test_public_keys(options: tuple[str, ...], expected: int) -> None:
    findings = found(lines(WIREGUARD, *options), "CFG347")
    assert [finding.severity for finding in findings] == ["error"] * expected
    assert not any(key in finding.message for finding in findings for key in (PRIVATE, PUBLIC, OTHER))


def test_ports_and_networks_that_are_claimed_twice() -> None:
    two = lines("interfaces wireguard wg0", "port 51820") + lines("interfaces wireguard wg1", "port 51820")
    assert severities(two, "CFG348") == ["error"]
    peers = lines(WIREGUARD, "peer a allowed-ips 10.0.0.0/8", "peer b allowed-ips 10.0.0.0/8")
    assert severities(peers, "CFG348") == ["warning"]
    assert severities(peers + lines(WIREGUARD, "peer b disable"), "CFG348") == []
    assert (
        severities(peers.replace("peer b allowed-ips 10.0.0.0/8", "peer b allowed-ips 10.1.0.0/16"), "CFG348") == []
    )
    assert severities(peers.replace("wg0 peer b", "wg1 peer b"), "CFG348") == []
    assert severities(peers.replace("10.0.0.0/8", "10.0.0.0"), "CFG348") == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["vni 1", "remote 203.0.113.20"], []),
        (["vni 1", "source-address 192.0.2.10"], []),
        (["vni 1", "source-interface eth0"], []),
        (["vni 1"], ["error"]),
        (["vni 1", "group 239.0.0.1"], ["error"]),
        (["vni 1", "group 239.0.0.1", "source-interface eth0"], []),
        (["remote 203.0.113.20"], ["error"]),
        (["remote 203.0.113.20", "parameters external"], []),
        (["vni 1", "remote 203.0.113.20", "parameters external"], ["error"]),
        (["vni 1", "remote 203.0.113.20", "gpe"], ["error"]),
        (["remote 203.0.113.20", "parameters external", "gpe"], ["error"]),
        (["vni 1", "remote 203.0.113.20", "source-address 2001:db8::1"], ["error"]),
        (["vni 1", "remote 203.0.113.20", "remote 2001:db8::1"], ["error"]),
        (["vni 1", "remote 2001:db8::2", "source-address 2001:db8::1"], []),
        (["vni 1", "remote 203.0.113.20", "parameters vni-filter"], ["warning"]),
        (["remote 203.0.113.20", "parameters external", "parameters vni-filter"], []),
    ],
)
def test_vxlan(options: list[str], expected: list[str]) -> None:
    assert severities(lines(VXLAN, *options), "CFG349") == expected


def test_external_beside_other_vxlans() -> None:
    external = ["source-address 192.0.2.10", "parameters external"]
    filtered = [*external, "parameters vni-filter"]
    other = "interfaces vxlan vxlan1"
    assert severities(lines(VXLAN, *external) + lines(other, *external), "CFG349") == ["error"] * 2
    assert severities(lines(VXLAN, *filtered) + lines(other, *external), "CFG349") == ["error"] * 2
    assert severities(lines(VXLAN, *filtered) + lines(other, *filtered), "CFG349") == []
    plain = lines(other, "vni 5", "remote 203.0.113.20")
    assert severities(lines(VXLAN, *filtered) + plain, "CFG349") == ["error"]


@pytest.mark.parametrize(
    ("ethernet", "options", "expected"),
    [
        ("mtu 1550", [], []),
        ("mtu 1549", [], ["error"]),
        ("address 192.0.2.10/24", [], ["error"]),
        ("address dhcp", [], ["warning"]),
        ("mtu 1550", ["source-address 2001:db8::1"], ["error"]),
        ("mtu 1570", ["source-address 2001:db8::1"], []),
        ("mtu 1569", ["remote 2001:db8::2"], ["error"]),
        ("mtu 1550", ["source-address 192.0.2.10", "remote 192.0.2.20"], []),
        ("mtu 9000", ["mtu 8951"], ["error"]),
        ("mtu 9000", ["mtu 8950"], []),
        ("mtu 1500", ["mtu 1451"], ["error", "info"]),
        ("mtu 1500", ["mtu 1450"], ["info"]),
        ("mtu 1550", ["port 8472"], ["info"]),
        ("mtu 1550", ["port 4789"], []),
        ("mtu 1550", ["mtu 1500"], []),
    ],
)
def test_the_size_of_a_vxlan(ethernet: str, options: list[str], expected: list[str]) -> None:
    text = f"set interfaces ethernet eth0 {ethernet}\n" + lines(VXLAN, "vni 1", "source-interface eth0", *options)
    assert severities(text, "CFG350") == expected


def test_a_vlan_below_a_vxlan_has_its_parents_mtu() -> None:
    text = "set interfaces ethernet eth0 vif 10 address 10.0.0.1/24\n" + lines(VXLAN, "source-interface eth0.10")
    assert severities(text, "CFG350") == ["error"]
    assert severities(text + "set interfaces ethernet eth0 mtu 1550\n", "CFG350") == []


def test_the_smaller_default_of_a_vxlan_in_older_text() -> None:
    text = lines(VXLAN, "source-interface eth0") + "set interfaces ethernet eth0 mtu 1500\n"
    old = text + "set interfaces tunnel tun0 local-ip 192.0.2.10\n"
    assert [severity for severity in severities(old, "CFG350") if severity == "error"] == []
    assert severities(text, "CFG350") == ["error"]


MEMBER = "set interfaces bridge br0 member interface vxlan0\n"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (["10 vni 10010"], 0),
        (["10"], 1),
        (["10-12 vni 10010-10012"], 0),
        (["10-12 vni 10010"], 1),
        (["10 vni 10010-10012"], 1),
        (["12-10 vni 10010-10012"], 1),
        (["12-10 vni 10012-10010"], 2),
        (["10 vni 1", "11 vni 2"], 0),
        (["10 vni 1", "11 vni 1"], 1),
        (["10-20 vni 110-120", "15 vni 5"], 1),
        (["10-20 vni 110-120", "12 vni 5", "15 vni 6", "21 vni 7"], 2),
        (["0-4094 vni 0-4094"], 0),
        (["x vni y"], 0),
        (["1-99999999 vni 0-99999998"], 0),
    ],
)
def test_vlans_and_networks(entries: list[str], expected: int) -> None:
    text = lines(VXLAN, *(f"vlan-to-vni {entry}" for entry in entries))
    assert severities(MEMBER + text, "CFG351") == ["error"] * expected
    assert severities(text, "CFG351") == ["error"] * (expected + 1)


def test_neighbour_suppression_needs_a_bridge() -> None:
    text = lines(VXLAN, "parameters neighbor-suppress")
    assert severities(text, "CFG351") == ["error"]
    assert severities(MEMBER + text, "CFG351") == []
    bond = "set interfaces bonding bond0 member interface vxlan0\n"
    assert severities(bond + text, "CFG351") == ["error"]


SESSION = (
    "source-address 192.0.2.10",
    "remote 203.0.113.20",
    "tunnel-id 1",
    "peer-tunnel-id 1",
    "session-id 1",
    "peer-session-id 1",
)


@pytest.mark.parametrize("missing", SESSION)
def test_what_l2tpv3_needs(missing: str) -> None:
    assert severities(lines(L2TP, *SESSION), "CFG352") == []
    (finding,) = found(lines(L2TP, *(option for option in SESSION if option != missing)), "CFG352")
    assert f"has no {missing.split()[0]}:" in finding.message


def test_what_geneve_needs() -> None:
    assert (
        severities("set interfaces geneve gnv0 vni 1\nset interfaces geneve gnv0 remote 10.0.0.1\n", "CFG352") == []
    )
    assert severities("set interfaces geneve gnv0 vni 1\n", "CFG352") == ["error"]
    assert severities("set interfaces geneve gnv0 remote 10.0.0.1\n", "CFG352") == ["error"]


def test_an_l2tpv3_source_that_nobody_carries_is_refused() -> None:
    assert severities(ETHERNET + lines(L2TP, *SESSION), "CFG343") == []
    assert severities(ETHERNET.replace("2.10", "2.11") + lines(L2TP, *SESSION), "CFG343") == ["error"]
    vxlan = lines(VXLAN, "source-address 192.0.2.99")
    assert severities(ETHERNET + vxlan, "CFG343") == ["warning"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("vxlan vxlan0 vni 1", "vxlan vxlan1 vni 1", 1),
        ("vxlan vxlan0 vni 1", "vxlan vxlan1 vni 2", 0),
        ("vxlan vxlan0 vni 1", "geneve gnv0 vni 1", 0),
        ("l2tpv3 l2tpeth0 tunnel-id 1", "l2tpv3 l2tpeth1 tunnel-id 1", 1),
        ("l2tpv3 l2tpeth0 source-address 10.0.0.1", "l2tpv3 l2tpeth1 source-address 10.0.0.1", 1),
        ("l2tpv3 l2tpeth0 source-address 10.0.0.1", "l2tpv3 l2tpeth1 source-address 10.0.0.2", 0),
    ],
)
def test_two_of_a_kind(first: str, second: str, expected: int) -> None:
    assert severities(lines("interfaces", first, second), "CFG353") == ["warning"] * expected


def test_what_tells_two_of_a_kind_apart() -> None:
    vxlans = lines("interfaces", "vxlan vxlan0 vni 1", "vxlan vxlan1 vni 1")
    assert severities(vxlans + lines(VXLAN, "port 8472"), "CFG353") == []
    assert severities(vxlans + lines(VXLAN, "port 4789"), "CFG353") == ["warning"]
    sixes = vxlans + lines("interfaces", "vxlan vxlan0 remote 10.0.0.1", "vxlan vxlan1 remote 2001:db8::1")
    assert severities(sixes, "CFG353") == []
    geneves = lines("interfaces", "geneve gnv0 vni 1", "geneve gnv1 vni 1", "geneve gnv0 remote 10.0.0.1")
    assert severities(geneves + lines("interfaces", "geneve gnv1 remote 10.0.0.2"), "CFG353") == []
    assert severities(geneves + lines("interfaces", "geneve gnv1 remote 10.0.0.1"), "CFG353") == ["warning"]
    ports = lines("interfaces", *(f"l2tpv3 l2tpeth{n} source-address 10.0.0.1" for n in (0, 1)))
    assert severities(ports + lines(L2TP, "source-port 5001"), "CFG353") == []
    assert severities(ports + lines(L2TP, "encapsulation ip"), "CFG353") == []


def test_l2tpv3_without_udp_and_of_two_families() -> None:
    assert severities(lines(L2TP, "source-port 5001"), "CFG355") == []
    assert severities(lines(L2TP, "encapsulation udp", "source-port 5001"), "CFG355") == []
    both = lines(L2TP, "encapsulation ip", "source-port 5001", "destination-port 5001")
    assert severities(both, "CFG355") == ["warning"]
    assert severities(lines(L2TP, "encapsulation ip", "destination-port 5001"), "CFG355") == ["warning"]
    assert severities(lines(L2TP, "source-address 192.0.2.10", "remote 2001:db8::1"), "CFG355") == ["warning"]
    assert severities(lines(L2TP, "source-address 2001:db8::2", "remote 2001:db8::1"), "CFG355") == []
