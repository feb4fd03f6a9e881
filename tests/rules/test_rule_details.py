"""Where a rule draws its line: the nearest thing that it must not say, beside what it must."""

from __future__ import annotations

import pytest
from subject_from_text import places_of, subject_of

from sapper.rules.examine import examine
from sapper.rules.example import PEER, TUNNEL, instead, without
from sapper.rules.finding import Finding

WEST = "set vpn ipsec site-to-site peer west"
SECOND = instead(TUNNEL, "tun0", "tun1")


def found(text: str, code: str) -> list[Finding]:
    return [finding for finding in examine(subject_of(text)) if finding.code == code]


def key(tunnel: str, number: int) -> str:
    return f"set interfaces tunnel {tunnel} parameters ip key {number}\n"


@pytest.mark.parametrize(
    ("text", "collide"),
    [
        (TUNNEL + SECOND, True),
        (TUNNEL + SECOND + key("tun0", 1) + key("tun1", 2), False),
        (TUNNEL + SECOND + key("tun0", 1) + key("tun1", 1), True),
        (TUNNEL + instead(SECOND, "203.0.113.20", "203.0.113.21") + key("tun0", 1) + key("tun1", 1), True),
        (TUNNEL + instead(SECOND, "192.0.2.10", "192.0.2.11") + key("tun0", 1) + key("tun1", 1), False),
        (TUNNEL + SECOND + key("tun1", 1), True),
        (TUNNEL + instead(SECOND, "203.0.113.20", "203.0.113.21"), False),
        (TUNNEL + instead(SECOND, "gre", "gretap"), True),
        (TUNNEL + instead(SECOND, "gre", "ipip"), False),
        (instead(TUNNEL + SECOND, "gre", "ipip"), True),
    ],
)
def test_when_two_tunnels_collide(text: str, collide: bool) -> None:
    assert bool(found(text, "CFG319")) == collide


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("set interfaces tunnel tun0 source-interface lo", None),
        ("set interfaces tunnel tun0 source-interface eth0.10", "error"),
        ("set protocols static route 10.9.0.0/16 interface tun7", "error"),
        ("set protocols static route 10.9.0.0/16 interface pppoe3", None),
        ("set protocols static route 10.9.0.0/16 next-hop 192.0.2.1 interface eth9", "error"),
        ("set protocols static table 10 route 10.9.0.0/16 interface eth9", "error"),
        ("set interfaces bridge br0 member interface eth9", "error"),
        ("set vpn ipsec interface eth9", "error"),
        ("set nat source rule 10 outbound-interface name eth9", "warning"),
        ("set nat source rule 10 outbound-interface name 'eth*'", None),
        ("set nat source rule 10 outbound-interface name !eth0", None),
    ],
)
def test_an_interface_that_is_nowhere(line: str, severity: str | None) -> None:
    text = f"{TUNNEL}{line}\n"
    assert [finding.severity for finding in found(text, "CFG312")] == ([severity] if severity else [])
    assert found(without(text, "ethernet"), "CFG312") == []


def test_a_vlan_and_an_unmodelled_interface_are_somewhere() -> None:
    text = """
set interfaces ethernet eth0 vif 10 address 192.0.2.1/24
set interfaces ethernet eth0 vif-s 20 vif-c 30 address 192.0.2.33/29
set interfaces openvpn vtun0 device-type tun
set protocols static route 10.1.0.0/16 interface eth0.10
set protocols static route 10.2.0.0/16 interface eth0.20.30
set protocols static route 10.3.0.0/16 interface vtun0
"""
    assert places_of(text) == []


def test_two_values_on_one_line_are_told_once() -> None:
    text = "interfaces {\n    tunnel tun0 {\n        mtu 1400 1300\n    }\n}\n"
    assert [code for code, _, _ in places_of(text) if code in ("SYN006", "CFG304")] == ["SYN006"]


def test_a_copied_block_is_told_for_interfaces_only() -> None:
    route = "set protocols static route 10.0.0.0/8 blackhole distance"
    (finding,) = found(f"{route} 5\n{route} 6\n", "CFG304")
    assert "two names" not in finding.message


def test_transport_mode_with_a_protocol() -> None:
    any_end = instead(PEER, "local-address 192.0.2.10", "local-address any")
    leased = instead(PEER, "local-address 192.0.2.10", "dhcp-interface eth0")
    assert len(found(any_end, "CFG315")) == 1
    assert len(found(leased, "CFG315")) == 1
    assert found(without(PEER, "local-address"), "CFG315") == []
    assert found(without(any_end, "protocol"), "CFG315") == []
    assert found(instead(any_end, "mode transport", "mode tunnel"), "CFG315") == []


def test_a_missing_group_is_told_where_it_is_named_with_the_nearest_that_there_is() -> None:
    (finding,) = found(instead(PEER, "default-esp-group ESP", "default-esp-group ESPP"), "CFG322")
    assert finding.path == f"{WEST.removeprefix('set ')} default-esp-group"
    assert "did you mean `ESP`" in finding.message


def test_one_word_that_is_wrong_is_told_with_the_one_that_is_meant() -> None:
    (finding,) = found(instead(TUNNEL, "source-address", "source-adress"), "CFG311")
    assert "did you mean `source-address`?" in finding.message
    assert "VyOS refuses it" in finding.message


def test_only_a_multipoint_tunnel_needs_no_far_end() -> None:
    assert found(without(TUNNEL, "remote"), "CFG314") == []
    assert len(found(without(instead(TUNNEL, "gre", "gretap"), "remote"), "CFG314")) == 1


def test_a_bridge_takes_ethernet_devices_only() -> None:
    text = "set interfaces bridge br0 member interface "
    assert len(found(f"{text}vti0\nset interfaces vti vti0\n", "CFG320")) == 1
    assert found(f"{text}dum0\nset interfaces dummy dum0\n", "CFG320") == []


def test_a_peer_by_certificate_needs_no_key() -> None:
    assert found(instead(without(PEER, "psk"), "pre-shared-secret", "x509"), "CFG323") == []


def test_words_of_one_generation_are_no_mixture() -> None:
    old = "set interfaces tunnel tun0 local-ip 192.0.2.1\nset vpn ipsec ipsec-interfaces interface eth0\n"
    assert found(old, "CFG325") == []
    (finding,) = found(old + "set vpn ipsec authentication psk west id 192.0.2.1\n", "CFG325")
    assert "`psk`" in finding.message
    assert "of 1.4 and later" in finding.message
    assert "1:28" in finding.message


def test_every_fix_makes_its_finding_go_away() -> None:
    for text in (
        without(TUNNEL, "encapsulation"),
        without(PEER, "local-address"),
        PEER + f"{WEST} vti bind vti0\n",
    ):
        findings = [finding for finding in examine(subject_of(text)) if finding.fixes]
        assert findings
        for finding in findings:
            for fix in finding.fixes:
                repaired = text + "".join(f"{command}\n" for command in fix.commands)
                assert finding.code not in {code for code, _, _ in places_of(repaired)}
