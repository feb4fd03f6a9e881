"""Liveness when both ends are given: the assumptions about the far end go, and what it does otherwise refutes."""

from __future__ import annotations

import pytest

from sapper.proof.verdict import PropertyVerdict
from sapper.rules.check import check_end, compared

EAST = """\
set interfaces ethernet eth0 address 192.0.2.10/24
set interfaces ethernet eth1 address 10.1.0.1/24
set interfaces dummy dum0 address 10.10.0.1/32
set interfaces tunnel tun0 encapsulation gre
set interfaces tunnel tun0 source-address 10.10.0.1
set interfaces tunnel tun0 remote 10.10.0.2
set interfaces tunnel tun0 address 10.0.0.1/30
set interfaces tunnel tun0 parameters ip key 7
set protocols static route 0.0.0.0/0 next-hop 192.0.2.1
set protocols static route 10.2.0.0/24 interface tun0
set vpn ipsec esp-group ESP mode tunnel
set vpn ipsec esp-group ESP proposal 1 encryption aes256gcm128
set vpn ipsec ike-group IKE key-exchange ikev2
set vpn ipsec ike-group IKE proposal 1 dh-group 19
set vpn ipsec ike-group IKE proposal 1 encryption aes128
set vpn ipsec ike-group IKE proposal 1 hash sha256
set vpn ipsec authentication psk P id 192.0.2.10
set vpn ipsec authentication psk P id 203.0.113.20
set vpn ipsec authentication psk P secret correct-horse-battery-tunnel
set vpn ipsec site-to-site peer P authentication mode pre-shared-secret
set vpn ipsec site-to-site peer P connection-type initiate
set vpn ipsec site-to-site peer P default-esp-group ESP
set vpn ipsec site-to-site peer P ike-group IKE
set vpn ipsec site-to-site peer P local-address 192.0.2.10
set vpn ipsec site-to-site peer P remote-address 203.0.113.20
set vpn ipsec site-to-site peer P tunnel 1 local prefix 10.10.0.1/32
set vpn ipsec site-to-site peer P tunnel 1 remote prefix 10.10.0.2/32
"""
_TURNED = {
    "192.0.2.10": "203.0.113.20", "203.0.113.20": "192.0.2.10", "192.0.2.1": "203.0.113.1",
    "10.1.0.1/24": "10.2.0.1/24", "10.2.0.0/24": "10.1.0.0/24", "10.0.0.1/30": "10.0.0.2/30",
    "10.10.0.1": "10.10.0.2", "10.10.0.2": "10.10.0.1",
    "10.10.0.1/32": "10.10.0.2/32", "10.10.0.2/32": "10.10.0.1/32", "192.0.2.10/24": "203.0.113.20/24",
}  # fmt: skip


def turned(text: str) -> str:
    """The other end's configuration."""
    lines = (" ".join(_TURNED.get(word, word) for word in line.split(" ")) for line in text.splitlines())
    return "\n".join(lines) + "\n"


WEST = turned(EAST)


def both(west: str, east: str = EAST) -> list[PropertyVerdict]:
    reports = compared([check_end(east, "east.set"), check_end(west, "west.set")])
    return [report.tunnels[0].verdicts["liveness"] for report in reports]


def test_two_ends_that_fit_assume_nothing_of_each_other() -> None:
    alone = compared([check_end(EAST, "east.set")])[0].tunnels[0].verdicts["liveness"]
    assert (alone.verdict, [word for word in alone.assumptions if "the far end" in word] != []) == ("proved", True)
    for found in both(WEST):
        assert found.verdict == "proved", found
        assert not [word for word in found.assumptions if "the far end" in word]
        assert "P: the network carries IKE and ESP both ways" in found.assumptions


CHANGES = {
    "another key": ("parameters ip key 7", "parameters ip key 8", "tun0 in west.set is gre with key 8"),
    "another encapsulation": ("encapsulation gre\n", "encapsulation gretap\n", "tun0 in west.set is gretap"),
    "another far end": ("tun0 remote 10.10.0.1", "tun0 remote 10.10.0.9", "no tunnel in west.set is from"),
    "disabled": ("tun0 address 10.0.0.2/30", "tun0 disable", "tun0 in west.set is down"),
    "a selector beside it": ("local prefix 10.10.0.2/32", "local prefix 10.10.0.8/32", "no child of P"),
    "another secret": ("secret correct", "secret wrong", "pre-shared"),
    "another cipher": ("ESP proposal 1 encryption aes256gcm128", "ESP proposal 1 encryption aes256", "no ESP proposal"),
    "another version": ("key-exchange ikev2", "key-exchange ikev1", "IKEv2 here, IKEv1 in"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_far_end_does_otherwise_refutes(change: str) -> None:
    old, new, named = CHANGES[change]
    assert old in WEST
    found, _ = both(WEST.replace(old, new))
    assert (found.verdict, found.failing_states) == ("refuted", ("up",)), found
    assert found.witness is not None
    assert named in found.witness.trace[0]
    assert "correct-horse" not in str(found)
    assert "wrong-horse" not in str(found)


def test_an_end_that_does_not_work_by_itself_stays_refuted() -> None:
    found, _ = both(WEST, EAST + "set protocols static route 203.0.113.20/32 blackhole\n")
    assert found.verdict == "refuted"
    assert found.witness is not None
    assert "no way for its ESP packet" in found.witness.trace[-1]


def test_two_modes_leave_it_open() -> None:
    lines = [line for line in EAST.splitlines() if "prefix" not in line and "dummy" not in line]
    east = "\n".join([*lines, "set vpn ipsec site-to-site peer P tunnel 1 protocol gre", ""])
    east = east.replace("10.10.0.1", "192.0.2.10").replace("10.10.0.2", "203.0.113.20")
    assert both(turned(east), east)[0].verdict == "proved"
    found, _ = both(turned(east).replace("ESP mode tunnel", "ESP mode transport"), east)
    assert found.verdict == "unknown"
    assert "transport mode" in (found.reason or "")


def test_strangers_are_no_pair() -> None:
    stranger = WEST.replace("remote-address 192.0.2.10", "remote-address 198.51.100.9").replace(
        "local-address 203.0.113.20", "local-address 198.51.100.8"
    )
    found, _ = both(stranger)
    assert [word for word in found.assumptions if "the far end" in word]
