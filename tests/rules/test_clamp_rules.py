"""Which clamps do for a tunnel, and which are too large, too small, elsewhere or for one family only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sized_text import ADJUST, BOTH, FITTED, LAN, OLD_CLAMP, codes, found, size_findings

from sapper.rules.example import TUNNEL, instead, without


@given(st.integers(1200, 1460), st.integers(1280, 1500), st.sampled_from([4, 6]))
def test_a_clamp_is_told_exactly_where_it_is_too_large_or_wastes(size: int, mtu: int, family: int) -> None:
    word, headers = ("ip", 40) if family == 4 else ("ipv6", 60)
    text = (
        BOTH + LAN + f"set interfaces tunnel tun0 address 2001:db8:1::1/64\nset interfaces tunnel tun0 mtu {mtu}\n"
    )
    text += f"set interfaces tunnel tun0 {word} adjust-mss {size}\n"
    fits, sure = min(mtu, 1442) - headers, min(mtu, 1434) - headers
    told = [code for code in codes(text) if code in ("MTU203", "MTU204")]
    assert told == ["MTU203"] * (size > fits) + ["MTU204"] * (size < sure - 16)
    assert "MTU206" in codes(text)


@pytest.mark.parametrize(("size", "code"), [(1420, "MTU203"), (1300, "MTU204")])
def test_clamps_with_the_same_thing_wrong_are_one_finding(size: int, code: str) -> None:
    text = "".join(
        instead(TUNNEL, "tun0", f"tun{number}")
        .replace("203.0.113.20", f"198.51.100.{number}")
        .replace("10.0.0.1", f"10.0.{number}.1")
        + f"set interfaces tunnel tun{number} mtu 1400\nset interfaces tunnel tun{number} ip adjust-mss {size}\n"
        for number in range(1, 11)
    )
    (finding,) = size_findings(text)
    assert finding.code == code
    assert "tun1, tun2, tun3 and 7 more" in finding.message
    assert len(finding.fixes[0].commands) == 10


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", ["MTU202"]),
        (OLD_CLAMP.replace("1400", "pmtu").replace("'SYN'", "syn"), ["MTU202", "MTU205"]),
        (f"{ADJUST} 1402\n", []),
        (f"{ADJUST} clamp-mss-to-pmtu\n", []),
        ("set interfaces ethernet eth1 ip adjust-mss 1402\n", []),
        (OLD_CLAMP.replace("'SYN'", "syn"), []),
        (OLD_CLAMP.replace("ethernet eth1 policy", "tunnel tun0 policy").replace("'SYN'", "syn"), []),
        (OLD_CLAMP.replace("ethernet eth1", "ethernet eth0").replace("'SYN'", "syn").replace("1400", "1420"), ["MTU202"]),
        (OLD_CLAMP.replace("ethernet eth1", "ethernet eth0").replace("'SYN'", "syn").replace("1400", "1300"), ["MTU205"]),
        ("set interfaces ethernet eth0 ip adjust-mss 1452\n", ["MTU202"]),
        ("set interfaces ethernet eth0 ip adjust-mss 1300\n", ["MTU205"]),
        ("set interfaces ethernet eth0 ip adjust-mss clamp-mss-to-pmtu\n", ["MTU202"]),
        ("set firewall ipv4 forward filter rule 9 set tcp-mss 1300\n", []),
        ("set interfaces tunnel tun0 address 2001:db8:1::1/64\n", ["MTU202"]),
        (f"set interfaces tunnel tun0 address 2001:db8:1::1/64\n{ADJUST} 1402\n", ["MTU206"]),
        (f"set protocols static route6 2001:db8:9::/48 interface tun0\n{ADJUST} 1402\n", ["MTU206"]),
        (f"{ADJUST} 1410\n", ["MTU203"]),
        ("set interfaces ethernet eth1 ip adjust-mss 1410\n", ["MTU203"]),
        (f"set interfaces ethernet eth1 ip adjust-mss 1410\n{ADJUST} 1402\n", []),
        (f"{ADJUST} 1378\n", []),
        (f"{ADJUST} 1377\n", ["MTU204"]),
        ("set interfaces ethernet eth1 mtu 1400\n", []),
    ],
)  # fmt: skip
def test_which_clamp_does_for_a_tunnel(more: str, told: list[str]) -> None:
    assert codes(FITTED + more) == told


def test_a_policy_based_connection_is_clamped_on_the_underlay() -> None:
    text = without(FITTED, "tunnel 1 protocol") + (
        "set vpn ipsec site-to-site peer west tunnel 1 local prefix 10.1.0.0/24\n"
        "set vpn ipsec site-to-site peer west tunnel 1 remote prefix 10.2.0.0/24\n"
        "set interfaces ethernet eth0 ip adjust-mss 1300\n"
    )
    text = instead(text, "mode transport", "mode tunnel")
    assert codes(text, proved=True) == ["MTU202"]


def test_bridged_tunnels_and_tunnels_that_carry_tunnels_are_not_clamped() -> None:
    bridged = FITTED + "set interfaces bridge br0 member interface tun0\n"
    assert "MTU202" not in codes(instead(bridged, "encapsulation gre", "encapsulation gretap"))
    over = FITTED + (
        "set interfaces tunnel tun1 address 10.9.0.1/30\n"
        "set interfaces tunnel tun1 encapsulation ipip\n"
        "set interfaces tunnel tun1 source-address 10.0.0.1\n"
        "set interfaces tunnel tun1 remote 10.0.0.2\n"
    )
    (finding,) = found(over, "MTU202")
    assert finding.path == "interfaces tunnel tun1"
