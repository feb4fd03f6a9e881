"""The rules about MTU and MSS: their examples, their fixes, and their numbers beside formulae of the test's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sized_text import BOTH, FITTED, OLD, OLD_CLAMP, OLD_FIREWALL, SIZE_RULES, codes, found, size_findings

from sapper.rules.check import check_text
from sapper.rules.example import PEER, TUNNEL, instead, without
from sapper.rules.rule import RuleModule


@pytest.mark.parametrize("module", SIZE_RULES, ids=lambda module: module.RULE.code)
def test_the_bad_example_gives_the_code_and_the_good_one_does_not(module: RuleModule) -> None:
    rule = module.RULE
    bad, good = check_text(rule.bad, "bad.set"), check_text(rule.good, "good.set")
    assert rule.code in {finding.code for finding in bad.findings}
    assert rule.code not in {finding.code for finding in good.findings}
    assert {finding.severity for finding in bad.findings if finding.code == rule.code} == {rule.severity}


REPAIRED = {
    **{module.RULE.code: module.RULE.bad for module in SIZE_RULES},
    "old": OLD + "set interfaces tunnel tun0 mtu 1476\n",
    "old with a clamp for one family": OLD + OLD_CLAMP,
    "old with a clamp that is too large": OLD + OLD_CLAMP.replace("1400", "1450"),
    "old with pmtu": OLD + OLD_CLAMP.replace("1400", "pmtu"),
    "old, clamped under options": OLD + "set firewall options interface tun0 adjust-mss 1300\n",
    "old, clamped on the underlay": OLD + "set firewall options interface eth0 adjust-mss 1300\n",
    "old firewall": OLD + OLD_FIREWALL,
    "policy too small": FITTED + instead(OLD_CLAMP, "1400", "1300").replace("flags 'SYN'", "flags syn"),
    "below 1280": instead(BOTH, "eth0 address", "eth0 mtu 1300\nset interfaces ethernet eth0 address"),
    "default action": TUNNEL + "set firewall ipv4 forward filter default-action drop\n",
    "l2tpv3 in a bridge": "".join(
        f"set interfaces {words}\n"
        for words in (
            "ethernet eth0 address 192.0.2.10/24", "ethernet eth1 description LAN",
            "l2tpv3 l2tpeth0 source-address 192.0.2.10", "l2tpv3 l2tpeth0 remote 203.0.113.20",
            "l2tpv3 l2tpeth0 tunnel-id 1", "l2tpv3 l2tpeth0 peer-tunnel-id 1", "l2tpv3 l2tpeth0 session-id 1",
            "l2tpv3 l2tpeth0 peer-session-id 1", "bridge br0 member interface eth1",
            "bridge br0 member interface l2tpeth0",
        )
    ),
}  # fmt: skip

UNREPAIRABLE = {"MTU207"}

"""No command on the tunnel makes its underlay larger."""


@pytest.mark.parametrize("name", REPAIRED)
def test_typing_a_fix_in_makes_its_finding_go_away(name: str) -> None:
    text = REPAIRED[name]
    findings = size_findings(text)
    assert any(finding.fixes for finding in findings) or name in UNREPAIRABLE
    for finding in findings:
        for fix in finding.fixes:
            if fix.language != "vyos":
                continue
            repaired = text + "".join(f"{command}\n" for command in fix.commands)
            left = [each for each in size_findings(repaired) if each.code == finding.code]
            assert (finding.path, finding.message) not in {(each.path, each.message) for each in left}, fix
            assert len(left) < len([each for each in findings if each.code == finding.code]), fix
            refused = {each.code for each in check_text(repaired, "f").findings if each.severity == "error"}
            assert refused <= {each.code for each in check_text(text, "f").findings}, fix


# RFC 4303 and the transforms' RFCs: block, IV, ICV.
TRANSFORMS = {
    "encryption aes256gcm128": (4, 8, 16),
    "encryption aes128ccm64": (4, 8, 8),
    "encryption chacha20poly1305": (4, 8, 16),
    "encryption aes256|hash sha1": (16, 16, 12),
    "encryption aes128|hash sha256": (16, 16, 16),
    "encryption aes128|hash sha512": (16, 16, 32),
    "encryption 3des|hash md5": (8, 8, 12),
}


def wire_bytes(packet: int, transform: str, key: bool, tunnel_mode: bool, udp: bool) -> int:
    """The IPv4 packet on the wire for a packet in GRE in ESP, from its parts."""
    block, iv, icv = TRANSFORMS[transform]
    protected = packet + 4 + 4 * key + 20 * tunnel_mode
    padded = next(length for length in range(protected + 2, protected + 2 + block) if length % block == 0)
    return 20 + 8 * udp + 8 + iv + padded + icv


def gre_in_esp(transform: str, key: bool, tunnel_mode: bool, udp: bool) -> str:
    esp = "".join(f"set vpn ipsec esp-group ESP proposal 1 {words}\n" for words in transform.split("|"))
    text = without(BOTH, "proposal 1 encryption aes256gcm128") + esp
    if key:
        text += "set interfaces tunnel tun0 parameters ip key 7\n"
    if tunnel_mode:
        text = instead(text, "mode transport", "mode tunnel")
    return text + "set vpn ipsec site-to-site peer west force-udp-encapsulation\n" * udp


@given(
    st.sampled_from(sorted(TRANSFORMS)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(1400, 9000),
    st.integers(1280, 9000),
)
def test_the_mtu_that_fits_is_that_of_a_brute_force(
    transform: str, key: bool, tunnel_mode: bool, udp: bool, underlay: int, mtu: int
) -> None:
    text = gre_in_esp(transform, key, tunnel_mode, udp)
    text += f"set interfaces ethernet eth0 mtu {underlay}\nset interfaces tunnel tun0 mtu {mtu}\n"
    fits = next(
        length
        for length in range(underlay, 0, -1)
        if wire_bytes(length, transform, key, tunnel_mode, udp) <= underlay
    )
    told = found(text, "MTU201")
    assert [finding.severity for finding in told] == ["warning"] * (mtu > fits)
    for finding in told:
        assert f"mtu {mtu}, {mtu - fits} more than fits: {fits} (" in finding.message
        assert f"set interfaces tunnel tun0 mtu {fits}" in finding.fixes[0].commands


def test_gre_s_default_under_esp_stands_at_the_interface_and_says_by_how_much() -> None:
    (finding,) = found(BOTH, "MTU201")
    line = BOTH[: finding.span.start].count("\n") + 1
    assert (line, finding.path) == (2, "interfaces tunnel tun0 mtu")
    assert "mtu 1476 by default, 34 more than fits: 1442 (ipv4/esp:aes256gcm128" in finding.message
    assert "eth0, taken as 1500)" in finding.message
    assert "1434 if IKE finds a NAT" in finding.message


def test_the_worst_proposal_counts_and_is_named() -> None:
    text = BOTH + (
        "set vpn ipsec esp-group ESP proposal 2 encryption aes256\n"
        "set vpn ipsec esp-group ESP proposal 2 hash sha512\n"
    )
    (finding,) = found(text, "MTU201")
    assert "more than fits: 1418 (ipv4/esp:aes256-sha512/gre/ipv4" in finding.message


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("set interfaces ethernet eth0 mtu 1500\n", "on eth0 of 1500)"),
        ("set interfaces ethernet eth0 address dhcp\n", "on eth0, taken as 1500, which DHCP may lower)"),
    ],
)
def test_what_is_assumed_of_the_underlay_is_said(more: str, words: str) -> None:
    (finding,) = found(BOTH + more, "MTU201")
    assert words in finding.message


def test_pppoe_is_counted_and_named() -> None:
    text = instead(BOTH, "ethernet eth0 address 192.0.2.10/24", "pppoe pppoe0 source-interface eth0") + (
        "set interfaces ethernet eth0 description WAN\n"
    )
    (finding,) = found(text, "MTU201")
    assert "fits: 1434 (" in finding.message
    assert "on pppoe0 of 1492)" in finding.message


def test_an_underlay_that_a_routing_protocol_finds_is_no_smaller_than_the_largest_wire() -> None:
    text = """\
set interfaces dummy dum0 address 172.29.0.1/32
set interfaces ethernet eth1 address 172.29.1.1/31
set interfaces ethernet eth2 address 172.29.2.1/31
set interfaces vxlan vxlan100 source-address 172.29.0.1
set interfaces vxlan vxlan100 remote 172.29.0.2
set interfaces vxlan vxlan100 vni 100
"""
    assert codes(text) == ["MTU210"]
    assert codes(text + "set interfaces ethernet eth1 mtu 1600\n") == []
    assert codes(text + "set interfaces ethernet eth1 mtu 1549\n") == ["MTU210"]


def test_tunnels_with_the_same_thing_wrong_are_one_finding() -> None:
    text = BOTH + "".join(
        instead(TUNNEL, "tun0", f"tun{number}")
        .replace("203.0.113.20", f"198.51.100.{number}")
        .replace("10.0.0.1", f"10.0.{number}.1")
        for number in range(1, 101)
    )
    told = size_findings(text)
    assert [(finding.code, finding.message.partition(" has")[0]) for finding in told if "tun0 " in finding.message]
    many = [finding for finding in told if "more have" in finding.message]
    assert [finding.code for finding in many] == ["MTU202"]
    assert "tun1, tun2, tun3 and 97 more have no MSS clamp" in many[0].message
    assert len(many[0].fixes[0].commands) == 100
    assert len(told) == 3


@pytest.mark.parametrize(
    ("encapsulation", "version", "words"),
    [("ip6erspan", 1, "says 8 too many"), ("ip6erspan", 2, "says 12 too many")],
)
def test_what_the_kernel_reports_wrongly_is_said(encapsulation: str, version: int, words: str) -> None:
    text = (
        (
            TUNNEL.replace("gre", encapsulation)
            .replace("192.0.2.10\n", "2001:db8::10\n")
            .replace("203.0.113.20", "2001:db8::20")
        )
        + f"set interfaces tunnel tun0 parameters ip key 1\nset interfaces tunnel tun0 parameters erspan version {version}\n"
    )
    (finding,) = found(text, "MTU201")
    assert words in finding.message


BRIDGED = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces tunnel tun0 encapsulation gretap
set interfaces tunnel tun0 source-address 192.0.2.10
set interfaces tunnel tun0 remote 203.0.113.20
set interfaces bridge br0 member interface tun0
set interfaces bridge br0 member interface eth1
set interfaces ethernet eth1 description LAN
"""

CUT = (
    "set interfaces tunnel tun0 parameters ip ttl 0\n"
    "set interfaces tunnel tun0 parameters ip no-pmtu-discovery\n"
    "set interfaces tunnel tun0 parameters ip ignore-df\n"
)


@pytest.mark.parametrize(
    ("more", "dropped"),
    [
        ("", "1463 to 1500"),
        ("set interfaces tunnel tun0 mtu 1400\n", "1401 to 1500"),
        ("set interfaces tunnel tun0 mtu 1500\n", "1463 to 1500"),
        (f"{CUT}set interfaces tunnel tun0 mtu 1400\n", "1401 to 1500"),
        (f"{CUT}set interfaces tunnel tun0 mtu 1500\n", None),
        (f"{CUT.replace(' ignore-df', ' ttl 0')}set interfaces tunnel tun0 mtu 1500\n", "1463 to 1500"),
        ("set interfaces ethernet eth1 mtu 1462\n", None),
        ("set interfaces ethernet eth0 mtu 1538\nset interfaces tunnel tun0 mtu 1500\n", None),
        ("set interfaces ethernet eth0 mtu 1537\nset interfaces tunnel tun0 mtu 1500\n", "1500 to 1500"),
    ],
)
def test_what_a_bridge_drops(more: str, dropped: str | None) -> None:
    told = found(BRIDGED + more, "MTU208")
    assert [finding.message.partition(" bytes")[0] for finding in told] == (
        [f"br0 drops packets of {dropped}"] if dropped else []
    )


def test_ipv6_needs_its_room() -> None:
    addressed = BOTH + "set interfaces tunnel tun0 address 2001:db8:1::1/64\n"
    narrow = addressed + "set interfaces ethernet eth0 mtu 1337\nset interfaces tunnel tun0 mtu 1280\n"
    assert [code for code in codes(narrow) if code in ("MTU201", "MTU207")] == ["MTU207"]
    enough = narrow.replace("mtu 1337", "mtu 1340")
    assert [code for code in codes(enough) if code in ("MTU201", "MTU207")] == []
    routed = BOTH + (
        "set interfaces tunnel tun0 mtu 1200\n"
        "set interfaces tunnel tun0 ipv6 address no-default-link-local\n"
        "set protocols static route6 2001:db8:9::/48 interface tun0\n"
    )
    (finding,) = found(routed, "MTU207")
    assert "the kernel runs no IPv6" in finding.message


def test_a_vxlan_that_vyos_refuses_is_not_told_twice_but_esp_is() -> None:
    text = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces vxlan vxlan0 address 10.0.0.1/30
set interfaces vxlan vxlan0 remote 203.0.113.20
set interfaces vxlan vxlan0 source-address 192.0.2.10
set interfaces vxlan vxlan0 source-interface eth0
set interfaces vxlan vxlan0 vni 100
"""
    both = {finding.code for finding in check_text(text, "f").findings}
    assert "CFG350" in both
    assert "MTU210" not in both
    protected = text + "set interfaces vxlan vxlan0 mtu 1450\n" + instead(PEER, "protocol gre", "protocol udp")
    told = check_text(protected, "f").findings
    assert "CFG350" not in {finding.code for finding in told if finding.severity == "error"}
    (finding,) = [finding for finding in told if finding.code == "MTU210"]
    assert "34 more than fits: 1416 (" in finding.message


def option_lines() -> Iterator[str]:
    """Lines that change what the rules about sizes look at, with good and bad values."""
    for name in ("tunnel tun0", "vti vti0", "wireguard wg0", "vxlan vxlan0", "geneve gnv0", "l2tpv3 l2tpeth0"):
        for option in ("mtu", "ip adjust-mss", "ipv6 adjust-mss", "address", "remote", "source-address", "vni"):
            yield f"set interfaces {name} {option}"
    yield from ("set interfaces pppoe pppoe0 source-interface", "set interfaces pppoe pppoe1 source-interface")
    yield from ("set interfaces tunnel tun0 encapsulation", "set interfaces bridge br0 member interface")
    yield from ("set vpn ipsec esp-group ESP proposal 1 encryption", "set vpn ipsec esp-group ESP proposal 2 hash")
    yield from ("set vpn ipsec site-to-site peer west tunnel 1 protocol", "set vpn ipsec esp-group ESP mode")
    yield from (
        "set policy route A rule 1 set tcp-mss",
        "set policy route A interface",
        "set interfaces ethernet eth0 mtu",
    )
    yield from (
        "set firewall ipv4 forward filter rule x action",
        "set firewall ipv4 forward filter rule 2 protocol",
    )
    yield from ("set protocols static route6 ::/0 interface", "set protocols static route 0.0.0.0/0 interface")


VALUES = (
    "0", "1", "68", "576", "1280", "1476", "1500", "9000", "99999", "pmtu", "clamp-mss-to-pmtu", "x", "10.0.0.1/30",
    "192.0.2.10", "203.0.113.20", "2001:db8::1", "2001:db8::1/64", "tun0", "eth0", "eth1", "pppoe0", "pppoe1", "gre",
    "gretap", "ip6erspan", "sit", "ip6ip6", "drop", "icmp", "aes256", "null", "sha512", "tunnel", "tcp", "vxlan0",
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(sorted(set(option_lines()))), st.sampled_from(VALUES)), max_size=14))
def test_whatever_is_written_the_rules_answer(lines: list[tuple[str, str]]) -> None:
    text = BOTH + "".join(f"{line} '{value}'\n" for line, value in lines)
    for finding in size_findings(text):
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert re.fullmatch(r"[^\n]+", finding.message)
        for fix in finding.fixes:
            start = "set " if fix.language == "vyos" else "add "
            assert all(command.startswith(start) for command in fix.commands)
