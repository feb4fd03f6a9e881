"""The rules of ``interfaces tunnel``: each of VyOS' verify rules at its edges, and what only the kernel minds."""

from __future__ import annotations

import pytest
from interface_text import IPV6, found, lines, severities, tunnel

from sapper.schema.tunnel import ENCAPSULATION

IPV4 = tuple(word for word in ENCAPSULATION.words if word not in IPV6)
ETHERNET = "set interfaces ethernet eth0 address 192.0.2.10/24\n"
DISCOVERY = "parameters ip no-pmtu-discovery"
COPIED = "parameters ip ttl 0"
OLD = "set interfaces tunnel tun9 local-ip 192.0.2.9\n"


@pytest.mark.parametrize("encapsulation", ENCAPSULATION.words)
def test_which_encapsulations_are_bound_to_no_interface(encapsulation: str) -> None:
    never = encapsulation in ("sit", "gretap", "ip6gretap")
    text = tunnel(encapsulation, "source-interface eth0")
    assert severities(text, "CFG335") == (["error"] if never else [])


def test_a_leased_end_of_1_2_is_no_error_there() -> None:
    text = lines("interfaces tunnel tun0", "encapsulation sit", "dhcp-interface eth0", "remote-ip 203.0.113.20")
    assert severities(text + OLD, "CFG335") == ["warning"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eth0", []),
        ("l2tpeth0", []),
        ("pppoe0", ["error"]),
        ("ppp1", ["error"]),
        ("sstpc2", ["error"]),
        ("l2tp3", ["error"]),
        ("ipoe4", ["error"]),
        ("eth1", ["error"]),
        ("eth2", ["error"]),
        ("eth1.10", []),
    ],
)
def test_source_interfaces(name: str, expected: list[str]) -> None:
    taken = "set interfaces bridge br0 member interface eth1\nset interfaces bonding bond0 member interface eth2\n"
    assert severities(taken + tunnel("gre", f"source-interface {name}"), "CFG334") == expected
    vxlan = lines("interfaces vxlan vxlan0", "vni 1", f"source-interface {name}")
    assert severities(taken + vxlan, "CFG334") == expected


def test_a_source_interface_of_any_kind_is_in_no_bridge() -> None:
    text = "set interfaces bridge br0 member interface eth1\nset interfaces pppoe pppoe0 source-interface eth1\n"
    assert severities(text, "CFG334") == ["error"]


ERSPAN = "parameters erspan"


@pytest.mark.parametrize("encapsulation", ["erspan", "ip6erspan"])
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["parameters ip key 1"], []),
        ([], ["error"]),
        (["parameters ip key 1", f"{ERSPAN} index 7"], []),
        (["parameters ip key 1", f"{ERSPAN} version 1", f"{ERSPAN} hw-id 1"], ["error"]),
        (["parameters ip key 1", f"{ERSPAN} direction ingress"], ["error"]),
        (["parameters ip key 1", f"{ERSPAN} direction ingress", f"{ERSPAN} hw-id 1"], ["error", "error"]),
        (["parameters ip key 1", f"{ERSPAN} version 2"], ["error"]),
        (["parameters ip key 1", f"{ERSPAN} version 2", f"{ERSPAN} direction egress"], []),
        (["parameters ip key 1", f"{ERSPAN} version 2", f"{ERSPAN} direction egress", f"{ERSPAN} hw-id 1"], []),
        (
            ["parameters ip key 1", f"{ERSPAN} version 2", f"{ERSPAN} direction egress", f"{ERSPAN} index 7"],
            ["warning"],
        ),
        ([f"{ERSPAN} version 2"], ["error", "error"]),
    ],
)
def test_erspan(encapsulation: str, options: list[str], expected: list[str]) -> None:
    assert severities(tunnel(encapsulation, *options), "CFG336") == expected
    assert severities(tunnel("gre", *options), "CFG336") == []


@pytest.mark.parametrize(
    ("encapsulation", "source", "key", "expected"),
    [
        ("gre", "0.0.0.0", "", ["error"]),
        ("gre", "0.0.0.0", "parameters ip key 0", []),
        ("gre", "192.0.2.10", "", []),
        ("gretap", "0.0.0.0", "", []),
        ("ipip", "0.0.0.0", "", []),
    ],
)
def test_gre_from_any_address(encapsulation: str, source: str, key: str, expected: list[str]) -> None:
    options = [f"encapsulation {encapsulation}", f"source-address {source}", *([key] if key else [])]
    assert severities(lines("interfaces tunnel tun0", *options), "CFG337") == expected


@pytest.mark.parametrize("encapsulation", ENCAPSULATION.words)
def test_path_mtu_discovery(encapsulation: str) -> None:
    never = ["error"] if encapsulation in ("ipip6", "ip6ip6", "ip6gre") else []
    assert severities(tunnel(encapsulation), "CFG338") == []
    assert severities(tunnel(encapsulation, DISCOVERY), "CFG338") == ["error"]
    assert severities(tunnel(encapsulation, DISCOVERY, "parameters ip ttl 64"), "CFG338") == ["error"]
    assert severities(tunnel(encapsulation, DISCOVERY, COPIED), "CFG338") == never
    assert severities(OLD + tunnel(encapsulation, DISCOVERY), "CFG338") == ["warning"]
    assert severities(tunnel(encapsulation, DISCOVERY, "multicast enable"), "CFG338") == ["error"]


def test_the_ttl_that_is_in_the_way_is_named() -> None:
    assert "ttl 64" in found(tunnel("gre", DISCOVERY), "CFG338")[0].message
    assert "ttl 9:" in found(tunnel("gre", DISCOVERY, "parameters ip ttl 9"), "CFG338")[0].message


@pytest.mark.parametrize("encapsulation", ENCAPSULATION.words)
def test_ignore_df(encapsulation: str) -> None:
    alone = tunnel(encapsulation, "parameters ip ignore-df")
    assert severities(alone, "CFG339") == ["error"]
    both = alone + lines("interfaces tunnel tun0", DISCOVERY, COPIED)
    assert severities(both, "CFG339") == ([] if encapsulation == "gretap" else ["error"])


@pytest.mark.parametrize("encapsulation", ENCAPSULATION.words)
@pytest.mark.parametrize("word", ["encaplimit 4", "flowlabel 0x1", "hoplimit 9", "tclass 0x1"])
def test_parameters_of_ipv6(encapsulation: str, word: str) -> None:
    used = encapsulation in ("ipip6", "ip6ip6", "ip6gre")
    assert severities(tunnel(encapsulation, f"parameters ipv6 {word}"), "CFG340") == ([] if used else ["warning"])


@pytest.mark.parametrize("encapsulation", ENCAPSULATION.words)
def test_other_parameters_that_are_not_used(encapsulation: str) -> None:
    def unused(option: str) -> bool:
        return severities(tunnel(encapsulation, option), "CFG340") == ["warning"]

    hops_of_ipv6 = encapsulation in ("ipip6", "ip6ip6", "ip6gre")
    assert unused("parameters ip ttl 9") == hops_of_ipv6
    assert unused("parameters ip tos 9") == hops_of_ipv6
    assert unused("parameters ip key 9") == (encapsulation in ("ipip6", "ip6ip6"))
    assert unused(DISCOVERY) == (encapsulation in ("ip6gretap", "ip6erspan"))
    assert unused("parameters erspan index 9") == ("erspan" not in encapsulation)


def test_6rd() -> None:
    sit = lines("interfaces tunnel tun0", "encapsulation sit", "6rd-prefix 2001:db8::/32")
    gre = sit.replace("sit", "gre")
    assert (
        severities(sit + "set interfaces tunnel tun0 6rd-relay-prefix 192.0.2.0/24\n", "CFG341") == ["warning"] * 2
    )
    assert severities(gre, "CFG341") == ["warning"]
    assert severities(OLD + sit, "CFG341") == []
    assert severities(OLD + gre, "CFG341") == ["error"]


@pytest.mark.parametrize("encapsulation", ENCAPSULATION.words)
@pytest.mark.parametrize("family", [4, 6])
def test_addresses_that_are_not_carried(encapsulation: str, family: int) -> None:
    carried = {"ipip": 4, "ipip6": 4, "sit": 6, "ip6ip6": 6}.get(encapsulation, family)
    address = "10.0.0.1/30" if family == 4 else "2001:db8:1::1/64"
    expected = [] if carried == family else ["warning"]
    assert severities(tunnel(encapsulation, f"address {address}"), "CFG342") == expected


def test_an_encapsulation_of_the_wrong_family_is_not_told_twice() -> None:
    ends = ("source-address 2001:db8::10", "remote 2001:db8::20", "address 2001:db8:1::1/64")
    text = lines("interfaces tunnel tun0", "encapsulation ipip", *ends)
    assert severities(text, "CFG342") == []


def test_sit_sends_ipv4_in_another_protocol() -> None:
    (finding,) = found(tunnel("sit", "address 10.0.0.1/30"), "CFG342")
    assert "protocol 4" in finding.message


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (ETHERNET, []),
        (ETHERNET.replace("192.0.2.10", "192.0.2.11"), ["warning"]),
        ("set interfaces ethernet eth0 vif 10 address 192.0.2.10/24\n", []),
        ("", []),
        ("set interfaces ethernet eth0 description x\n", []),
        ("set interfaces ethernet eth0 address dhcp\n", []),
        ("set interfaces ethernet eth0 address 10.0.0.1/24\nset interfaces ethernet eth1 address dhcp\n", []),
        ("set interfaces ethernet eth0 address 10.0.0.1/24\nset interfaces ethernet eth1 vif 7 address dhcp\n", []),
        ("set interfaces ethernet eth0 address 10.0.0.1/24\nset interfaces pppoe pppoe0 mtu 1492\n", []),
        (
            "set interfaces ethernet eth0 address 10.0.0.1/24\nset interfaces loopback lo address 192.0.2.10/32\n",
            [],
        ),
        (
            "set interfaces ethernet eth0 address 10.0.0.1/24\nset interfaces loopback lo address ::2/128\n",
            ["warning"],
        ),
        ("set interfaces ethernet eth0 address 10.0.0.1/24\nset interfaces dummy dum0 address 192.0.2.10\n", []),
        (
            "set interfaces ethernet eth0 address 10.0.0.1/24\n"
            "set high-availability vrrp group A address 192.0.2.10/24\n",
            [],
        ),
    ],
)
def test_a_source_that_nobody_carries(more: str, expected: list[str]) -> None:
    assert severities(more + tunnel("gre"), "CFG343") == expected


@pytest.mark.parametrize("source", ["0.0.0.0", "127.0.0.1", "fe80::1", "::1", "::"])
def test_a_source_that_is_no_address_of_the_text(source: str) -> None:
    text = lines("interfaces tunnel tun0", f"source-address {source}")
    assert severities(ETHERNET + text, "CFG343") == []


def test_a_remote_that_is_this_router() -> None:
    assert severities(ETHERNET.replace("192.0.2.10", "203.0.113.20") + tunnel("gre"), "CFG343") == ["warning"] * 2
    dhcp = "set interfaces ethernet eth1 address dhcp\n"
    assert severities(dhcp + ETHERNET.replace("192.0.2.10", "203.0.113.20") + tunnel("gre"), "CFG343") == [
        "warning"
    ]


@pytest.mark.parametrize(
    ("tos", "expected"), [("0", []), ("9", []), ("10", ["warning"]), ("99", ["warning"]), ("100", []), ("x1", [])]
)
@pytest.mark.parametrize("above", ["tunnel tun0", "vxlan vxlan0", "geneve gnv0"])
def test_a_tos_is_read_as_hexadecimal(above: str, tos: str, expected: list[str]) -> None:
    assert severities(lines(f"interfaces {above}", f"parameters ip tos {tos}"), "CFG344") == expected


def test_what_to_write_for_a_tos() -> None:
    messages = [found(tunnel("gre", f"parameters ip tos {tos}"), "CFG344")[0].message for tos in (20, 26)]
    assert "0x20 = 32; write 14 for 20" in messages[0]
    assert "0x26 = 38; 26 cannot be written" in messages[1]
    assert severities(tunnel("ip6gretap", "parameters ip tos 20"), "CFG344") == ["warning"]
    assert severities(tunnel("ip6gre", "parameters ip tos 20"), "CFG344") == []


OLD_GRE = lines("interfaces tunnel tun0", "encapsulation gre", "local-ip 192.0.2.10", "remote-ip 203.0.113.20")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OLD_GRE, 0),
        (OLD_GRE + lines("interfaces tunnel tun0", "dhcp-interface eth0"), 1),
        (OLD_GRE + lines("interfaces tunnel tun0", "parameters ip key 9", "parameters ip ttl 9"), 0),
        (OLD_GRE.replace("gre", "gre-bridge") + lines("interfaces tunnel tun0", "parameters ip key 9"), 1),
        (OLD_GRE.replace("gre", "gre-bridge") + lines("interfaces tunnel tun0", "parameters ip tos 9"), 1),
        (OLD_GRE.replace("gre", "sit") + lines("interfaces tunnel tun0", "parameters ip ttl 9"), 0),
        (OLD_GRE.replace("gre", "ipip") + lines("interfaces tunnel tun0", "parameters ip key 9"), 0),
        (OLD_GRE.replace("gre", "ip6gre") + lines("interfaces tunnel tun0", "parameters ip key 9"), 1),
        (OLD_GRE + lines("interfaces tunnel tun0", "parameters ip bridge-group bridge br0"), 1),
        (
            OLD_GRE.replace("gre", "gre-bridge")
            + lines("interfaces tunnel tun0", "parameters ip bridge-group bridge br0"),
            0,
        ),
        (OLD_GRE + lines("interfaces tunnel tun0", "address 2001:db8:1::1/64"), 0),
        (OLD_GRE.replace("remote-ip 203.0.113.20", "address 2001:db8:1::1/64"), 1),
        (OLD_GRE.replace("encapsulation gre", "encapsulation gretap"), 1),
        (OLD_GRE + lines("interfaces tunnel tun0", "mtu 8024"), 0),
        (OLD_GRE + lines("interfaces tunnel tun0", "mtu 8025"), 1),
        (OLD_GRE + lines("interfaces tunnel tun0", "parameters ip key 1000000"), 0),
        (tunnel("gre", "mtu 9000"), 0),
        (tunnel("gre", "multicast enable", "mtu 9000"), 1),
        (tunnel("gretap", "multicast enable", "parameters ip key 9"), 0),
    ],
)
def test_what_older_releases_refuse(text: str, expected: int) -> None:
    assert severities(text, "CFG354") == ["error"] * expected


def test_the_largest_key_of_1_1() -> None:
    text = "interfaces {\n tunnel tun0 {\n  encapsulation gre\n  parameters {\n   ip {\n    key 1000000\n"
    text += "   }\n  }\n }\n}\n"
    old = (
        "/* Warning: Do not remove the following line. */\n"
        '/* === vyatta-config-version: "ipsec@4:nat@4:quagga@2" === */\n'
        "/* Release version: VyOS 1.1.8 */\n"
    )
    assert severities(text + old, "CFG354") == ["error"]
    assert severities((text + old).replace("1000000", "999999"), "CFG354") == []
