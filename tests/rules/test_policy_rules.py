"""Where the rules about policy routes, NAT, static routes, the firewall's IPsec matches and NHRP draw their lines."""

from __future__ import annotations

import pytest
from subject_from_text import subject_of

from sapper.rules.examine import examine
from sapper.rules.example import TUNNEL, instead, without
from sapper.rules.finding import Finding

ERROR, WARNING, INFO, NOTHING = ["error"], ["warning"], ["info"], list[str]()
ETH = "set interfaces ethernet eth0 address 192.0.2.10/24\n"
LAN = "set policy route LAN interface eth1\nset policy route LAN rule 10 action accept\n"
R10 = "set policy route LAN rule 10"
LAN6 = LAN.replace("policy route ", "policy route6 ")
R610 = "set policy route6 LAN rule 10"
S10 = "set nat source rule 10"
D10 = "set nat destination rule 10"
SOURCE = f"{S10} outbound-interface name eth0\n{S10} translation address masquerade\n"
DESTINATION = f"{D10} inbound-interface name eth0\n{D10} translation address 10.1.0.5\n"
STATIC = "set protocols static route 10.2.0.0/16"
SPOKE = without(TUNNEL, "remote")
NHRP = "set protocols nhrp tunnel tun0"


def found(text: str, code: str) -> list[Finding]:
    return [finding for finding in examine(subject_of(text)) if finding.code == code]


def severities(text: str, code: str) -> list[str]:
    return [finding.severity for finding in found(text, code)]


@pytest.mark.parametrize("text", [ETH + LAN, ETH + SOURCE, ETH + DESTINATION, SPOKE])
def test_the_texts_that_cases_are_made_from_are_clean(text: str) -> None:
    assert [finding.code for finding in examine(subject_of(text)) if finding.code >= "CFG356"] == []


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("CFG388", LAN, NOTHING),
        ("CFG388", LAN + LAN6, NOTHING),
        ("CFG388", LAN + "set policy route WAN interface eth1\n", INFO),
        ("CFG388", LAN + "set policy route WAN interface eth2\n", NOTHING),
        ("CFG388", "set policy route6 LAN rule 10 action drop\n", WARNING),
        ("CFG391", LAN + f"{R10} icmp type 8\n{R10} protocol icmp\n", NOTHING),
        ("CFG391", LAN + f"{R10} icmp type 8\n{R10} protocol icmpv6\n", ERROR),
        ("CFG391", LAN6 + f"{R610} icmpv6 type 1\n{R610} protocol icmpv6\n", NOTHING),
        ("CFG391", LAN6 + f"{R610} icmpv6 type 1\n", ERROR),
        ("CFG391", LAN + f"{R10} protocol icmp\n{R10} icmp code 1\n", ERROR),
        ("CFG391", LAN + f"{R10} protocol icmp\n{R10} icmp type 3\n{R10} icmp code 1\n", NOTHING),
        ("CFG391", LAN + f"{R10} protocol icmp\n{R10} icmp type 3\n{R10} icmp type-name any\n", ERROR),
        ("CFG391", LAN + f"{R10} disable\n{R10} icmp type 8\n", ERROR),
        ("CFG392", LAN + f"{R10} set tcp-mss 1360\n", ERROR),
        ("CFG392", LAN + f"{R10} set tcp-mss 1360\n{R10} protocol tcp\n{R10} tcp flags ack\n", ERROR),
        ("CFG392", LAN + f"{R10} set tcp-mss 1360\n{R10} protocol tcp\n{R10} tcp flags not syn\n", ERROR),
        ("CFG392", LAN + f"{R10} set tcp-mss 1360\n{R10} protocol tcp\n{R10} tcp flags syn\n", NOTHING),
        ("CFG392", LAN + f"{R10} protocol 6\n{R10} tcp flags syn\n", ERROR),
        ("CFG392", LAN + f"{R10} protocol tcp_udp\n{R10} tcp flags syn\n", ERROR),
        ("CFG392", LAN + f"{R10} protocol tcp\n{R10} tcp flags syn\n{R10} tcp flags not syn\n", ERROR),
        ("CFG392", LAN + f"{R10} protocol tcp\n{R10} tcp flags syn\n{R10} tcp flags not ack\n", NOTHING),
        ("CFG392", LAN + f"{R10} tcp mss 1-500\n", NOTHING),
        ("CFG393", LAN + f"{R10} set vrf default\n", NOTHING),
        ("CFG393", LAN + f"{R10} set vrf default\n{R10} set table main\n", ERROR),
        ("CFG394", LAN + f"{R10} destination port 443\n", ERROR),
        ("CFG394", LAN + f"{R10} destination port 443\n{R10} protocol tcp_udp\n", NOTHING),
        ("CFG394", LAN + f"{R10} destination port 443\n{R10} protocol all\n", ERROR),
        ("CFG394", LAN + f"{R10} source group port-group WEB\n{R10} protocol gre\n", ERROR),
        ("CFG394", SOURCE + f"{S10} translation port 1024-2048\n", ERROR),
        ("CFG394", DESTINATION + f"{D10} translation redirect port 443\n", ERROR),
        ("CFG394", DESTINATION + f"{D10} translation port 443\n{D10} protocol udp\n", NOTHING),
        ("CFG394", DESTINATION + f"{D10} load-balance hash source-port\n", ERROR),
        ("CFG394", DESTINATION + f"{D10} load-balance hash source-port\n{D10} protocol tcp\n", NOTHING),
        ("CFG394", DESTINATION + f"{D10} load-balance hash source-address\n", NOTHING),
        ("CFG395", LAN + f"{R10} source group address-group NEAR\n", NOTHING),
        ("CFG395", ETH + LAN + f"{R10} source group address-group NEAR\n", ERROR),
        ("CFG395", ETH + LAN + f"{R10} source group address-group !NEAR\n", ERROR),
        ("CFG395", SOURCE + f"{S10} source address 10.1.0.1\n{S10} source fqdn a.example\n", ERROR),
        ("CFG395", SOURCE + f"{S10} source address 10.1.0.1\n{S10} destination fqdn a.example\n", NOTHING),
        ("CFG395", LAN + f"{R10} source address 10.1.0.1\n{R10} source group mac-group M\n", NOTHING),
        ("CFG395", SOURCE + f"{S10} source fqdn a.example\n{S10} source group domain-group D\n", ERROR),
        ("CFG395", ETH + SOURCE + f"{S10} outbound-interface group UP\n", ERROR),
        ("CFG396", f"{S10} outbound-interface name eth0\n{S10} exclude\n", NOTHING),
        ("CFG396", f"{S10} outbound-interface name eth0\n", ERROR),
        ("CFG396", f"{S10} disable\n", ERROR),
        ("CFG396", f"{S10} load-balance backend 10.1.0.5 weight 50\n", NOTHING),
        ("CFG396", f"{D10} translation redirect port 443\n", NOTHING),
        ("CFG396", f"{S10} translation redirect port 443\n", ERROR),
        ("CFG396", f"{D10} translation options address-mapping random\n", ERROR),
        ("CFG396", SOURCE + f"{S10} outbound-interface group UP\n", ERROR),
        ("CFG396", ETH + SOURCE + f"{S10} translation address 192.0.2.10\n", NOTHING),
        ("CFG396", ETH + SOURCE + f"{S10} translation address 192.0.2.11\n", WARNING),
        ("CFG396", ETH + SOURCE + f"{S10} translation address 192.0.2.0/28\n", NOTHING),
        ("CFG396", SOURCE + f"{S10} translation address 192.0.2.11\n", NOTHING),
        ("CFG397", f"{STATIC} blackhole\n{STATIC} next-hop 192.0.2.1\n", NOTHING),
        ("CFG397", instead(f"{STATIC} blackhole\n{STATIC} reject\n", "static", "static table 10"), ERROR),
        ("CFG397", instead(f"{STATIC} blackhole\n{STATIC} reject\n", "set ", "set vrf name BLUE "), ERROR),
        ("CFG397", f"{STATIC} blackhole\nset protocols static route 10.3.0.0/16 reject\n", NOTHING),
        ("CFG397", f"{STATIC} next-hop 192.0.2.1 vrf BLUE\n", NOTHING),
        ("CFG397", ETH + f"{STATIC} next-hop 192.0.2.1 vrf BLUE\n", ERROR),
        ("CFG397", ETH + f"{STATIC} next-hop 192.0.2.1 vrf default\n", NOTHING),
        ("CFG397", f"{STATIC} interface eth0 vrf BLUE\nset vrf name RED table 100\n", ERROR),
        ("CFG397", ETH + "set protocols static route-map MAP\n", ERROR),
        (
            "CFG397",
            ETH + "set protocols static route-map MAP\nset policy route-map MAP rule 1 action permit\n",
            NOTHING,
        ),
        ("CFG399", SPOKE + f"{NHRP} holding-time 300\n", NOTHING),
        ("CFG399", TUNNEL + f"{NHRP} holding-time 300\n", ERROR),
        ("CFG399", instead(SPOKE, "gre", "gretap") + f"{NHRP} holding-time 300\n", ERROR),
        ("CFG399", SPOKE + "set protocols nhrp tunnel tun9 holding-time 300\n", ERROR),
        ("CFG399", f"{NHRP} holding-time 300\n", NOTHING),
        ("CFG399", SPOKE + f"{NHRP} map 10.0.0.2/24 register\n", ERROR),
        ("CFG399", SPOKE + f"{NHRP} map 10.0.0.2/24 nbma-address 203.0.113.20\n", NOTHING),
        ("CFG399", SPOKE + f"{NHRP} dynamic-map 10.0.0.0/24\n", ERROR),
        ("CFG399", SPOKE + f"{NHRP} dynamic-map 10.0.0.0/24 nbma-domain-name a.example\n", NOTHING),
        ("CFG399", SPOKE + f"{NHRP} map tunnel-ip 10.0.0.2 nbma 203.0.113.20\n", NOTHING),
        ("CFG312", ETH + instead(DESTINATION, "eth0", "eth9"), WARNING),
        ("CFG312", ETH + instead(DESTINATION, "eth0", "'eth*'"), NOTHING),
        ("CFG312", ETH + "set vrf name BLUE protocols static route 10.2.0.0/16 interface eth9\n", ERROR),
    ],
)
def test_what_a_rule_says(code: str, text: str, expected: list[str]) -> None:
    assert severities(text, code) == expected


@pytest.mark.parametrize("family", ["ipv4", "ipv6", "bridge"])
@pytest.mark.parametrize("chain", ["forward filter", "input filter", "prerouting raw", "name OWN"])
@pytest.mark.parametrize("way", ["in", "out"])
def test_two_matches_exclude_each_other(family: str, chain: str, way: str) -> None:
    rule = f"set firewall {family} {chain} rule 10 ipsec"
    text = f"{rule} match-ipsec-{way}\n"
    assert severities(text, "CFG363") == NOTHING
    assert severities(text + f"{rule} match-none-{'out' if way == 'in' else 'in'}\n", "CFG363") == NOTHING
    assert severities(text + f"{rule} match-none-{way}\n", "CFG363") == ERROR


def test_policy_routes_do_not_check_the_match() -> None:
    both = f"{R10} ipsec match-ipsec-in\n{R10} ipsec match-none-in\n"
    (finding,) = found(LAN + both, "CFG363")
    assert finding.severity == "warning"
    assert "never matches" in finding.message


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("output filter rule 10 ipsec match-none-out", NOTHING),
        ("output raw rule 10 jump-target IN", ERROR),
        ("output filter rule 10 jump-target OWN", NOTHING),
        ("output filter rule 10 jump-target IN", ERROR),
        ("output filter rule 10 jump-target OVER", ERROR),
        ("output filter rule 10 jump-target FAR", ERROR),
        ("output filter default-jump-target IN", ERROR),
        ("input filter rule 10 jump-target IN", NOTHING),
    ],
)
def test_an_output_chain_reaches_no_match_of_the_way_in(lines: str, expected: list[str]) -> None:
    text = """\
set firewall ipv4 name IN rule 10 ipsec match-none-in
set firewall ipv4 name OVER rule 10 jump-target IN
set firewall ipv4 name FAR default-jump-target OVER
set firewall ipv4 name OWN rule 10 ipsec match-none-out
set firewall ipv6 name OWN rule 10 ipsec match-none-in
"""
    assert severities(text + f"set firewall ipv4 {lines}\n", "CFG363") == expected


def test_chains_that_jump_in_a_circle_are_no_trouble() -> None:
    text = """\
set firewall ipv4 name A rule 10 jump-target B
set firewall ipv4 name B rule 10 jump-target A
set firewall ipv4 name B rule 20 ipsec match-ipsec-in
set firewall ipv4 output filter rule 10 jump-target A
"""
    assert severities(text, "CFG363") == ERROR


GROUP = "set firewall group"


@pytest.mark.parametrize(
    ("group", "rule", "expected"),
    [
        ("address-group G address 10.1.0.1", f"{R10} source group address-group G", NOTHING),
        ("address-group G address 10.1.0.1", f"{R10} source group network-group G", ERROR),
        ("address-group G description empty", f"{R10} source group address-group G", WARNING),
        ("address-group G include H", f"{R10} source group address-group G", NOTHING),
        ("address-group G address 10.1.0.1", f"{R610} source group address-group G", ERROR),
        ("ipv6-address-group G address 2001:db8::1", f"{R610} source group address-group G", NOTHING),
        ("port-group G port 443", f"{R610} source group port-group G", NOTHING),
        ("port-group G port 443", f"{S10} destination group port-group !G", NOTHING),
        ("interface-group G interface eth0", f"{S10} outbound-interface group G", NOTHING),
        ("interface-group G interface eth0", f"{S10} outbound-interface group H", ERROR),
    ],
)
def test_a_group_is_looked_for_among_its_kind(group: str, rule: str, expected: list[str]) -> None:
    assert severities(f"{GROUP} {group}\n{rule}\n", "CFG395") == expected


def test_a_policy_of_an_older_text_is_not_called_refused_there() -> None:
    text = "set interfaces ethernet eth1 policy route LAN\nset policy route LAN rule 10 set tcp-mss 1360\n"
    (finding,) = found(text, "CFG392")
    assert finding.severity == "warning"
    assert "from 1.4 on" in finding.message
