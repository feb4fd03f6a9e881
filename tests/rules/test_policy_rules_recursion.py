"""CFG398 beside an independent longest-prefix match by the standard library's ipaddress, on any set of routes."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from subject_from_text import subject_of

from sapper.rules.examine import examine
from sapper.rules.example import TUNNEL

FAR = ipaddress.ip_address("203.0.113.20")
ROUTE = "set protocols static route"
ROUTES = st.dictionaries(
    st.sampled_from(
        ["0.0.0.0/0", "203.0.0.0/16", "203.0.113.0/24", "203.0.113.16/28", "203.0.113.20/32", "10.9.0.0/16"]
    ),
    st.dictionaries(
        st.sampled_from(
            ["interface tun0", "interface eth0", "next-hop 10.0.0.2", "next-hop 192.0.2.1", "blackhole"]
        ),
        st.integers(1, 3),
        min_size=1,
        max_size=3,
    ),
)
INTO_TUNNEL = frozenset({"interface tun0", "next-hop 10.0.0.2"})


def recursive(text: str) -> bool:
    return any(finding.code == "CFG398" for finding in examine(subject_of(text)))


@settings(max_examples=200, deadline=None)
@given(ROUTES)
def test_the_longest_route_with_the_lowest_distance_decides(routes: dict[str, dict[str, int]]) -> None:
    text = TUNNEL + "".join(
        f"{ROUTE} {prefix} {way} distance {distance}\n"
        for prefix, ways in routes.items()
        for way, distance in ways.items()
    )
    covering = [prefix for prefix in routes if FAR in ipaddress.ip_network(prefix)]
    longest = max(covering, key=lambda prefix: ipaddress.ip_network(prefix).prefixlen, default=None)
    ways = routes[longest] if longest else {}
    best = {way for way, distance in ways.items() if distance == min(ways.values())}
    assert recursive(text) == (bool(best) and best <= INTO_TUNNEL)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("route 203.0.113.0/24 interface tun0", True),
        ("route 203.0.113.0/24 next-hop 10.0.0.2", True),
        ("route 203.0.113.0/24 next-hop 10.0.0.2 interface eth0", False),
        ("table 10 route 203.0.113.0/24 interface tun0", False),
        ("route 203.0.113.0/24 interface tun0 disable", False),
        ("route 203.0.113.0/24 interface tun1", False),
        ("route 203.0.113.0/24 dhcp-interface eth0", False),
    ],
)
def test_what_leads_into_the_tunnel(lines: str, expected: bool) -> None:
    assert recursive(TUNNEL + f"set protocols static {lines}\n") is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("set interfaces ethernet eth1 address dhcp\n", False),
        ("set protocols bgp system-as 64512\n", False),
        ("set interfaces ethernet eth1 address 203.0.113.1/28\n", True),
        ("set interfaces ethernet eth1 address 203.0.113.17/28\n", False),
        ("set interfaces tunnel tun0 vrf BLUE\n", False),
    ],
)
def test_what_else_may_know_a_way(line: str, expected: bool) -> None:
    assert recursive(TUNNEL + f"{ROUTE} 203.0.113.0/24 interface tun0\n" + line) is expected


def test_a_route_to_the_end_alone_is_told_even_where_others_are_learnt() -> None:
    learnt = "set interfaces ethernet eth1 address dhcp\n"
    assert recursive(TUNNEL + f"{ROUTE} 203.0.113.20/32 interface tun0\n" + learnt)


def test_the_peer_of_a_vti_is_a_far_end() -> None:
    peer = "set vpn ipsec site-to-site peer west"
    text = (
        f"{peer} remote-address 203.0.113.20\n{peer} vti bind vti0\nset interfaces vti vti0 address 10.0.0.1/30\n"
    )
    assert recursive(text + f"{ROUTE} 203.0.113.20/32 interface vti0\n")
    assert not recursive(text + f"{ROUTE} 203.0.113.21/32 interface vti0\n")
    assert not recursive(text + f"{peer} disable\n{ROUTE} 203.0.113.20/32 interface vti0\n")


def test_both_families() -> None:
    tunnel = "set interfaces tunnel tun0"
    text = f"{tunnel} encapsulation ip6gre\n{tunnel} remote 2001:db8::20\n{tunnel} source-address 2001:db8::10\n"
    assert recursive(text + "set protocols static route6 2001:db8::/64 interface tun0\n")
    assert not recursive(text + "set protocols static route6 2001:db8:1::/64 interface tun0\n")
