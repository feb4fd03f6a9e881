"""Where each rule about IPsec draws its line: what it must say, beside the nearest thing that it must not."""

from __future__ import annotations

import pytest
from subject_from_text import subject_of

from sapper.rules.cfg358_profile_incomplete import PROFILE
from sapper.rules.examine import examine
from sapper.rules.example import PEER, instead, without
from sapper.rules.finding import Finding

WEST = "set vpn ipsec site-to-site peer west"
IKE = "set vpn ipsec ike-group IKE"
ESP = "set vpn ipsec esp-group ESP"
PSK = "set vpn ipsec authentication psk"
HUB = "set vpn ipsec profile HUB"
TUNNEL_MODE = instead(PEER, "mode transport", "mode tunnel")
NETWORKS = without(TUNNEL_MODE, "tunnel 1") + (
    f"{WEST} tunnel 1 local prefix 10.1.0.0/16\n{WEST} tunnel 1 remote prefix 10.2.0.0/16\n"
)
BOUND = without(TUNNEL_MODE, "tunnel 1") + f"{WEST} vti bind vti0\nset interfaces vti vti0 address 10.0.0.1/30\n"
ANYBODY = instead(NETWORKS, "remote-address 203.0.113.20", "remote-address any")
NORTH = instead(
    "".join(line for line in NETWORKS.splitlines(keepends=True) if "peer west" in line), "peer west", "peer north"
)


def found(text: str, code: str) -> list[Finding]:
    return [finding for finding in examine(subject_of(text)) if finding.code == code]


def severities(text: str, code: str) -> list[str]:
    return [finding.severity for finding in found(text, code)]


@pytest.mark.parametrize("text", [PEER, NETWORKS, BOUND, PROFILE])
def test_the_texts_that_cases_are_made_from_are_clean(text: str) -> None:
    assert [finding.code for finding in examine(subject_of(text)) if finding.code.startswith("CFG")] == []


ERROR, WARNING, INFO, NOTHING = ["error"], ["warning"], ["info"], list[str]()


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("CFG356", PEER + f"{PSK} north secret another\n", ERROR),
        ("CFG356", PEER + f"{PSK} north dhcp-interface eth0\n{PSK} north secret another\n", ERROR),
        ("CFG356", PEER + f"{PSK} north id 203.0.113.21\n", ERROR),
        ("CFG356", PEER + f"{PSK} north id 203.0.113.21\n{PSK} north secret another\n", NOTHING),
        ("CFG357", PEER + f"{IKE} proposal 1 hash sha256_96\n", ERROR),
        ("CFG357", PEER + f"{IKE} proposal 2 hash aes256gmac\n{IKE} proposal 2 prf prfsha1\n", NOTHING),
        ("CFG357", PEER + f"{IKE} proposal 1 hash sha256\n", NOTHING),
        ("CFG357", PEER + f"{ESP} proposal 1 hash aes128gmac\n", NOTHING),
        ("CFG307", without(PROFILE, "HUB ike-group"), ERROR),
        ("CFG308", without(PROFILE, "HUB esp-group"), ERROR),
        ("CFG358", without(PROFILE, "HUB esp-group"), NOTHING),
        ("CFG358", without(PROFILE, "HUB authentication"), ERROR),
        ("CFG358", without(PROFILE, "HUB bind"), NOTHING),
        ("CFG359", PROFILE + f"{HUB} disable\n", NOTHING),
        ("CFG359", without(PROFILE, "HUB bind") + f"{HUB} disable\n", NOTHING),
        ("CFG359", PROFILE + f"{HUB} bind tunnel tun7\n", WARNING),
        ("CFG359", without(PROFILE, "HUB authentication mode"), WARNING),
        ("CFG359", without(PROFILE, "authentication pre-shared-secret"), WARNING),
        ("CFG359", PROFILE + f"{ESP} compression\n", WARNING),
        ("CFG359", instead(PROFILE, "mode transport", "mode tunnel"), WARNING),
        ("CFG360", PEER + f"{WEST} disable\n", NOTHING),
        ("CFG360", without(PEER, "remote-address") + f"{WEST} disable\n", WARNING),
        ("CFG360", ANYBODY, NOTHING),
        ("CFG361", PEER + f"{WEST} authentication use-x509-id\n", NOTHING),
        ("CFG365", BOUND + f"{WEST} dhcp-interface eth0\n", ERROR),
        ("CFG365", PEER + f"{WEST} dhcp-interface eth0\n", WARNING),
        ("CFG366", instead(BOUND, "vti bind vti0", "vti esp-group ESP"), WARNING),
        ("CFG366", PEER + f"{WEST} vti esp-group ESP\n", WARNING),
        ("CFG366", BOUND, NOTHING),
        ("CFG367", ANYBODY, NOTHING),
        ("CFG367", ANYBODY + f"{WEST} remote-address 203.0.113.21\n", WARNING),
        ("CFG367", ANYBODY + f"{WEST} remote-address 203.0.113.21\n{WEST} disable\n", NOTHING),
        ("CFG368", TUNNEL_MODE, WARNING),
        ("CFG368", PEER, NOTHING),
        ("CFG368", NETWORKS + f"{WEST} tunnel 1 protocol gre\n", NOTHING),
        ("CFG368", without(NETWORKS, "local prefix") + f"{WEST} tunnel 1 protocol gre\n", WARNING),
        ("CFG368", without(NETWORKS, "local prefix") + f"{WEST} tunnel 1 remote port 443\n", NOTHING),
        ("CFG368", without(NETWORKS, "local prefix") + f"{WEST} tunnel 1 local port 443\n", WARNING),
        ("CFG368", TUNNEL_MODE + f"{WEST} tunnel 1 disable\n", NOTHING),
        ("CFG368", without(TUNNEL_MODE, "esp-group"), NOTHING),
        ("CFG369", NETWORKS + f"{WEST} tunnel 1 local prefix 2001:db8:1::/48\n", WARNING),
        ("CFG369", without(NETWORKS, "local prefix") + f"{WEST} tunnel 1 local prefix ::/0\n", WARNING * 2),
        ("CFG369", without(NETWORKS, "local prefix"), NOTHING),
        ("CFG370", instead(PEER, "local-address 192.0.2.10", "local-address any"), NOTHING),
        ("CFG370", instead(PEER, "remote-address 203.0.113.20", "remote-address 2001:db8::20"), WARNING),
        ("CFG370", PEER + f"{WEST} remote-address 2001:db8::20\n", NOTHING),
        ("CFG370", instead(PEER, "remote-address 203.0.113.20", "remote-address west.example"), NOTHING),
        ("CFG371", BOUND + "set vpn ipsec site-to-site peer north vti bind vti0\n", WARNING),
        (
            "CFG371",
            BOUND + f"{instead(WEST, 'west', 'north')} vti bind vti0\n{instead(WEST, 'west', 'north')} disable\n",
            NOTHING,
        ),
        ("CFG372", PEER + f"{PSK} n id 203.0.113.20\n{PSK} n secret another\n", NOTHING),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 local port 443\n", WARNING),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 protocol all\n", ERROR),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 local port 443\n{WEST} tunnel 1 protocol tcp_udp\n", ERROR),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 protocol icmpv6\n", ERROR),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 protocol ipv6-icmp\n", NOTHING),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 protocol !gre\n", ERROR),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 protocol gre\n", NOTHING),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 protocol ipip\n", WARNING),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 protocol ipencap\n", NOTHING),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 local port 443\n{WEST} tunnel 1 protocol sctp\n", NOTHING),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 local port 443\n{WEST} tunnel 1 protocol 17\n", NOTHING),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 local port 443\n{WEST} tunnel 1 protocol udplite\n", NOTHING),
        ("CFG373", NETWORKS + f"{WEST} tunnel 1 local port 443\n{WEST} tunnel 1 protocol esp\n", WARNING),
        ("CFG374", without(PEER, "ike-group IKE proposal"), WARNING),
        ("CFG375", instead(PEER, "key-exchange ikev2", "mode aggressive"), WARNING),
        ("CFG375", PEER + f"{IKE} mode main\n", NOTHING),
        ("CFG375", PEER + f"{IKE} dead-peer-detection timeout 60\n", WARNING),
        ("CFG375", without(PEER, "key-exchange") + f"{IKE} dead-peer-detection timeout 60\n", NOTHING),
        ("CFG375", PEER + f"{IKE} disable-mobike\n", NOTHING),
        ("CFG375", instead(PEER, "ikev2", "ikev1") + f"{IKE} disable-mobike\n", WARNING),
        ("CFG376", PEER + f"{WEST} remote-address any\n", NOTHING),
        ("CFG376", TUNNEL_MODE + f"{WEST} remote-address 203.0.113.21\n", NOTHING),
        ("CFG377", PEER + f"{ESP} proposal 1 hash sha256\n", NOTHING),
        ("CFG377", PEER + f"{ESP} proposal 2 encryption aes256gcm128\n", NOTHING),
        ("CFG377", PEER + f"{ESP} proposal 2 encryption aes128gcm128\n{ESP} proposal 2 hash md5\n", NOTHING),
        ("CFG377", PEER + f"{ESP} proposal 2 encryption aes256gcm128\n{ESP} proposal 2 hash md5\n", WARNING),
        ("CFG377", PEER + "".join(f"{ESP} proposal {n} encryption aes128gmac\n" for n in (2, 3)), NOTHING),
        (
            "CFG377",
            PEER
            + "".join(f"{ESP} proposal {n} encryption aes128gmac\n" for n in (2, 3))
            + f"{ESP} proposal 3 hash md5\n",
            WARNING,
        ),
        (
            "CFG377",
            PEER
            + "".join(f"{IKE} proposal {n} encryption aes256gcm128\n" for n in (2, 3))
            + f"{IKE} proposal 2 hash md5\n",
            NOTHING,
        ),
        ("CFG378", PEER + f"{IKE} proposal 2 dh-group 14\n", NOTHING),
        ("CFG378", PEER + f"{IKE} proposal 2 encryption aes256\n", WARNING),
        ("CFG378", PEER + f"{IKE} proposal 2 dh-group 19\n{ESP} pfs disable\n", NOTHING),
        ("CFG378", PEER + f"{IKE} proposal 2 dh-group 19\n{WEST} disable\n", NOTHING),
        ("CFG378", BOUND + f"{IKE} proposal 2 dh-group 19\n", WARNING),
        ("CFG379", PEER + f"{WEST} connection-type initiate\n", NOTHING),
        ("CFG380", ANYBODY, INFO),
        ("CFG380", ANYBODY + f"{WEST} connection-type initiate\n", WARNING),
        ("CFG380", ANYBODY + f"{WEST} connection-type respond\n", WARNING),
        ("CFG380", ANYBODY + f"{WEST} connection-type none\n", NOTHING),
        ("CFG380", instead(ANYBODY, "mode tunnel", "mode transport") + f"{WEST} connection-type trap\n", NOTHING),
        ("CFG380", instead(NETWORKS, "peer west", "peer @west"), NOTHING),
        ("CFG380", instead(NETWORKS + f"{WEST} connection-type trap\n", "peer west", "peer @west"), WARNING),
        ("CFG381", PEER + f"{WEST} ikev2-reauth yes\n", WARNING),
        ("CFG381", PEER + f"{WEST} ikev2-reauth inherit\n", NOTHING),
        ("CFG381", PEER + "set vpn ipsec disable-uniqreqids\n", WARNING),
        ("CFG381", PEER + "set vpn ipsec log level 2\n", INFO),
        ("CFG382", PEER + f"{IKE} lifetime 0\n", INFO),
        ("CFG382", PEER + f"{IKE} lifetime 3600\n", NOTHING),
        ("CFG383", PEER + f"{WEST} replay-window 32\n", NOTHING),
        ("CFG384", PEER + NORTH.replace("peer north", "peer w@es@t"), WARNING),
        ("CFG384", PEER + NORTH.replace("peer north", "peer w@es@t") + f"{WEST} disable\n", NOTHING),
        ("CFG385", PEER + f"{IKE} dead-peer-detection action clear\n", NOTHING),
        ("CFG385", PEER + f"{IKE} dead-peer-detection\n", INFO),
        ("CFG386", BOUND + f"{WEST} tunnel 1 remote prefix 10.2.0.0/16\n", INFO),
        ("CFG386", BOUND + f"{WEST} tunnel 1 disable\n", WARNING),
        ("CFG386", BOUND + f"{WEST} vti esp-group ESP\n", NOTHING),
        ("CFG386", BOUND + f"{WEST} vti esp-group ESP\n{WEST} tunnel 1\n", INFO + WARNING),
        ("CFG386", BOUND + f"{WEST} tunnel 1 disable\n{WEST} disable\n", NOTHING),
        ("CFG387", instead(BOUND, "mode tunnel", "mode transport") + f"{WEST} tunnel 1 priority 1\n", NOTHING),
        ("CFG387", instead(BOUND, "mode tunnel", "mode transport"), WARNING),
        ("CFG387", instead(BOUND, "local-address 192.0.2.10", "local-address any"), NOTHING),
        ("CFG389", instead(NETWORKS, "local prefix 10.1.0.0/16", "local prefix 0.0.0.0/0"), WARNING),
        ("CFG389", instead(NETWORKS, "remote prefix 10.2.0.0/16", "remote prefix 10.0.0.0/8"), NOTHING),
        ("CFG389", instead(NETWORKS, "10.2.0.0", "10.1.0.0"), WARNING),
        ("CFG389", NETWORKS + f"{WEST} tunnel 1 local prefix 10.2.0.0/16\n{WEST} disable\n", NOTHING),
    ],
)
def test_what_a_rule_says(code: str, text: str, expected: list[str]) -> None:
    assert severities(text, code) == expected


CERTIFIED = instead(without(PEER, "psk"), "mode pre-shared-secret", "mode x509") + (
    f"{WEST} authentication x509 certificate EAST\n{WEST} authentication x509 ca-certificate CA\n"
    "set pki ca CA certificate MIIB\nset pki certificate EAST certificate MIIC\n"
    "set pki certificate EAST private key MIID\n"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CERTIFIED, None),
        (without(CERTIFIED, "private key"), "has no private key"),
        (without(CERTIFIED, "set pki ca"), "there is no pki ca CA"),
        (without(CERTIFIED, "set pki certificate"), "there is no pki certificate EAST"),
        (without(CERTIFIED, "ca-certificate"), "without ca-certificate"),
        (without(CERTIFIED, "authentication x509"), "without certificate and ca-certificate"),
        (without(without(CERTIFIED, "set pki"), "ethernet"), None),
        (instead(CERTIFIED, "mode x509", "mode rsa"), "without local-key and remote-key"),
    ],
)
def test_what_a_certificate_needs(text: str, said: str | None) -> None:
    messages = [finding.message for finding in found(text, "CFG362")]
    assert len(messages) == (1 if said else 0)
    assert all(said in message for message in messages if said)
    assert not any("MII" in message for message in messages)


def test_a_second_authority_is_looked_up_too() -> None:
    text = CERTIFIED + f"{WEST} authentication x509 ca-certificate OTHER\n"
    assert [finding.message for finding in found(text, "CFG362")] == ["there is no pki ca OTHER: VyOS refuses it"]


def test_the_default_that_comes_along_is_named() -> None:
    both = f"{IKE} dead-peer-detection interval 10\n"
    (finding,) = found(instead(PEER, "ikev2", "ikev1") + both, "CFG385")
    assert "action clear, timeout 120 s" in finding.message
    (finding,) = found(PEER + both, "CFG385")
    assert "timeout" not in finding.message


def test_groups_of_a_profile_are_looked_up() -> None:
    (finding,) = found(without(PROFILE, "set vpn ipsec esp-group ESP"), "CFG322")
    assert finding.path == "vpn ipsec profile HUB esp-group"


def test_two_profiles_on_one_tunnel_share_a_key() -> None:
    second = "".join(line for line in PROFILE.splitlines(keepends=True) if "profile HUB" in line)
    text = PROFILE + second.replace("HUB", "SPOKE")
    (finding,) = found(text, "CFG359")
    assert finding.path == "vpn ipsec profile SPOKE bind tunnel"
    assert "one" in finding.message


def test_vyos_does_not_refuse_a_vti_without_group() -> None:
    (finding,) = found(without(BOUND, "esp-group ESP\n"), "CFG308")
    assert "does not check it for a vti" in finding.message
    (finding,) = found(without(PEER, "default-esp-group"), "CFG308")
    assert "VyOS refuses it" in finding.message


@pytest.mark.parametrize(
    ("interface", "expected"),
    [("pppoe7", WARNING), ("eth0", NOTHING), ("eth9", ERROR), ("l2tp3", WARNING)],
)
def test_the_interface_of_the_daemon(interface: str, expected: list[str]) -> None:
    assert severities(PEER + f"set vpn ipsec interface {interface}\n", "CFG312") == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("set interfaces ethernet eth1 address dhcp\n", NOTHING),
        ("set interfaces ethernet eth1 address 192.0.2.99/24\n", ERROR),
        ("set interfaces ethernet eth1 address dhcpv6\n", ERROR),
        ("", NOTHING),
    ],
)
def test_who_leases_an_address(lines: str, expected: list[str]) -> None:
    text = instead(PEER, "local-address 192.0.2.10", "dhcp-interface eth1") + lines
    assert severities(text, "CFG364") == expected


def test_a_vlan_can_lease_an_address() -> None:
    text = instead(PEER, "local-address 192.0.2.10", "dhcp-interface eth0.10")
    assert severities(text + "set interfaces ethernet eth0 vif 10 address dhcp\n", "CFG364") == NOTHING
    assert severities(text + "set interfaces ethernet eth0 vif 10 mtu 1400\n", "CFG364") == ERROR


def test_an_exact_fix_for_a_peer_that_may_be_anybody() -> None:
    (finding,) = found(without(PEER, "remote-address"), "CFG360")
    repaired = without(PEER, "remote-address") + finding.fixes[0].commands[0] + "\n"
    assert found(repaired, "CFG360") == []


@pytest.mark.parametrize("name", ["any", "west"])
def test_transport_mode_and_a_peer_named_any(name: str) -> None:
    text = instead(PEER, "peer west", f"peer {name}")
    assert bool(found(text, "CFG315")) == (name == "any")
