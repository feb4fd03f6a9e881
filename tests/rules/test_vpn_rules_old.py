"""What VyOS refused until 1.3 and takes since: the same text in both words, and the severity of each."""

from __future__ import annotations

import pytest
from subject_from_text import subject_of

from sapper.rules.examine import examine
from sapper.rules.finding import Finding

GROUPS = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set vpn ipsec esp-group ESP mode tunnel
set vpn ipsec esp-group ESP proposal 1 encryption aes256
set vpn ipsec ike-group IKE key-exchange ikev1
set vpn ipsec ike-group IKE proposal 1 dh-group 14
"""
OLD_GROUPS = GROUPS + "set vpn ipsec ipsec-interfaces interface eth0\n"


def old_peer(name: str = "203.0.113.20") -> str:
    peer = f"set vpn ipsec site-to-site peer {name}"
    return f"""\
{peer} authentication mode pre-shared-secret
{peer} authentication pre-shared-secret example
{peer} default-esp-group ESP
{peer} ike-group IKE
{peer} local-address 192.0.2.10
"""


def new_peer(remote: str = "203.0.113.20") -> str:
    peer = "set vpn ipsec site-to-site peer west"
    return f"""\
set vpn ipsec authentication psk west id {remote}
set vpn ipsec authentication psk west secret example
{peer} authentication mode pre-shared-secret
{peer} default-esp-group ESP
{peer} ike-group IKE
{peer} local-address 192.0.2.10
{peer} remote-address {remote}
"""


OLD = "set vpn ipsec site-to-site peer 203.0.113.20"
NEW = "set vpn ipsec site-to-site peer west"
NETWORKS = ("tunnel 1 local prefix 10.1.0.0/16", "tunnel 1 remote prefix 10.2.0.0/16")
VTI = "set interfaces vti vti0 address 10.0.0.1/30\n"


def found(text: str, code: str) -> list[Finding]:
    return [finding for finding in examine(subject_of(text)) if finding.code == code]


def lines(peer: str, options: tuple[str, ...]) -> str:
    return "".join(f"{peer} {option}\n" for option in options)


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("CFG365", (*NETWORKS, "dhcp-interface eth0")),
        ("CFG366", ("vti esp-group ESP",)),
        ("CFG369", (NETWORKS[0], "tunnel 1 remote prefix 2001:db8::/32")),
        ("CFG373", (*NETWORKS, "tunnel 1 protocol gre", "tunnel 1 local port 443")),
        ("CFG389", (NETWORKS[0], "tunnel 1 remote prefix 10.1.0.0/16")),
        ("CFG386", (*NETWORKS, "vti bind vti0")),
    ],
)
def test_refused_until_1_3_and_taken_since(code: str, options: tuple[str, ...]) -> None:
    old, new = OLD_GROUPS + old_peer() + VTI, GROUPS + new_peer() + VTI
    before = found(old + lines(OLD, options), code)
    after = found(new + lines(NEW, options), code)
    assert {finding.severity for finding in before} == {"error"}
    assert all("VyOS refuses" in finding.message for finding in before)
    assert after
    assert {finding.severity for finding in after} <= {"warning", "info"}
    assert not any("refuses" in finding.message for finding in after)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            "CFG361",
            "set vpn ipsec site-to-site peer 203.0.113.20 authentication use-x509-id\n"
            + f"{OLD} authentication id a\n",
        ),
        ("CFG370", f"{OLD} local-address 2001:db8::10\n"),
        ("CFG374", "set vpn ipsec ike-group EMPTY lifetime 3600\n"),
        ("CFG374", "".join(f"set vpn ipsec esp-group MANY proposal {n} hash sha1\n" for n in range(1, 12))),
        ("CFG375", "set vpn ipsec ike-group IKE mobike disable\n"),
        ("CFG375", "set vpn ipsec ike-group V2 key-exchange ikev2\nset vpn ipsec ike-group V2 mode main\n"),
        ("CFG387", f"{OLD} vti bind vti0\n{OLD} local-address any\n"),
        ("CFG387", f"{OLD} vti bind vti0\nset vpn ipsec esp-group ESP mode transport\n"),
    ],
)
def test_refused_until_1_3(code: str, text: str) -> None:
    findings = found(OLD_GROUPS + old_peer() + VTI + text, code)
    assert [finding.severity for finding in findings] == ["error"]
    assert "VyOS refuses" in findings[0].message


def test_ten_proposals_are_not_too_many() -> None:
    ten = "".join(f"set vpn ipsec esp-group TEN proposal {n} hash sha1\n" for n in range(1, 11))
    assert found(OLD_GROUPS + old_peer() + ten, "CFG374") == []


@pytest.mark.parametrize("name", ["@west", "any", "0.0.0.0"])
@pytest.mark.parametrize(("word", "severity"), [("respond", "info"), ("initiate", "warning")])
def test_a_peer_without_address_is_passive(name: str, word: str, severity: str) -> None:
    peer = f"set vpn ipsec site-to-site peer {name}"
    text = OLD_GROUPS + old_peer(name) + lines(peer, NETWORKS) + f"{peer} connection-type {word}\n"
    (finding,) = found(text, "CFG380")
    assert finding.severity == severity
    assert finding.path == f"vpn ipsec site-to-site peer {name} connection-type"
    assert found(text, "CFG379") == []


def test_a_peer_without_address_has_no_vti() -> None:
    peer = "set vpn ipsec site-to-site peer @west"
    (finding,) = found(OLD_GROUPS + old_peer("@west") + VTI + f"{peer} vti bind vti0\n", "CFG387")
    assert finding.path == "vpn ipsec site-to-site peer @west vti"


def test_a_responding_peer_with_an_address_is_a_trap() -> None:
    text = OLD_GROUPS + old_peer() + lines(OLD, NETWORKS) + f"{OLD} connection-type respond\n"
    (finding,) = found(text, "CFG379")
    assert finding.path == f"{OLD.removeprefix('set ')} connection-type"


def test_a_protocol_needs_two_addresses_in_transport_mode() -> None:
    transport = "set vpn ipsec esp-group ESP mode transport\n"
    peer = "set vpn ipsec site-to-site peer @west"
    text = OLD_GROUPS.replace("set vpn ipsec esp-group ESP mode tunnel\n", transport)
    assert len(found(text + old_peer("@west") + f"{peer} tunnel 1 protocol gre\n", "CFG315")) == 1
    assert found(text + old_peer() + f"{OLD} tunnel 1 protocol gre\n", "CFG315") == []


def test_the_protocol_of_a_side_without_prefix_is_kept() -> None:
    text = OLD_GROUPS + old_peer() + f"{OLD} tunnel 1 protocol gre\n"
    assert found(text, "CFG368") == []


def test_a_key_is_at_its_peer() -> None:
    text = "".join(line for line in old_peer().splitlines(keepends=True) if "secret example" not in line)
    (finding,) = found(OLD_GROUPS + text + lines(OLD, NETWORKS), "CFG323")
    assert finding.severity == "error"
    assert "VyOS refuses it" in finding.message


def test_the_action_that_comes_along_is_hold() -> None:
    text = OLD_GROUPS + old_peer() + "set vpn ipsec ike-group IKE dead-peer-detection interval 10\n"
    (finding,) = found(text, "CFG385")
    assert "action hold, timeout 120 s" in finding.message


@pytest.mark.parametrize(("release", "quagga", "expected"), [("1.1.8", 2, 1), ("1.2.9", 7, 0)])
def test_only_1_1_needs_its_interfaces(release: str, quagga: int, expected: int) -> None:
    text = f"""\
vpn {{
    ipsec {{
        ike-group IKE {{
            proposal 1 {{
                hash sha1
            }}
        }}
    }}
}}
/* === vyatta-config-version: "ipsec@4:quagga@{quagga}" === */
/* Release version: VyOS {release} */
"""
    assert len(found(text, "CFG390")) == expected
