"""Sizes that others have published, each with its source. None of them was computed by this project."""

from __future__ import annotations

import pytest

from sapper.mtu.parse import parse
from sapper.mtu.segment import segments
from sapper.mtu.sizes import sizes

# docs.aws.amazon.com, Site-to-Site VPN, "Best practices for a customer gateway device": MTU, MSS, MSS of IPv6.
AMAZON = {
    "ipv4/esp:aes256gcm128/ipv4": (1446, 1406, 1386),
    "ipv4/udp/esp:aes256gcm128/ipv4": (1438, 1398, 1378),
    "ipv4/esp:aes256-sha1/ipv4": (1438, 1398, 1378),
    "ipv4/esp:aes256-sha256/ipv4": (1438, 1398, 1378),
    "ipv4/udp/esp:aes256-sha1/ipv4": (1422, 1382, 1362),
    "ipv4/udp/esp:aes256-sha256/ipv4": (1422, 1382, 1362),
    "ipv4/esp:aes256-sha384/ipv4": (1422, 1382, 1362),
    "ipv4/udp/esp:aes256-sha384/ipv4": (1422, 1382, 1362),
    "ipv4/esp:aes256-sha512/ipv4": (1422, 1382, 1362),
    "ipv4/udp/esp:aes256-sha512/ipv4": (1406, 1366, 1346),
}

# docs.cloud.google.com, Cloud VPN, "MTU considerations": payload MTU of AEAD ciphers on a gateway MTU of 1460.
GOOGLE = {
    "ipv4/esp:aes256gcm128/ipv4": 1406,
    "ipv6/esp:aes256gcm128/ipv4": 1386,
    "ipv4/udp/esp:aes256gcm128/ipv4": 1398,
    "ipv6/udp/esp:aes256gcm128/ipv4": 1378,
}

PUBLISHED = {
    ("pppoe/ipv4", 1500): (1492, "RFC 2516 7: the MTU of PPPoE is 1492"),
    ("ipip", 1500): (1480, "RFC 2003 3: an outer header of 20 bytes"),
    ("sit", 1500): (1480, "RFC 4213 3.2.1: the tunnel MTU is the IPv4 MTU minus 20"),
    ("6rd", 1500): (1480, "RFC 5969 9.1: IPv4 MTU minus 20"),
    ("ip6ip6:encaplimit/ipv6", 1500): (1452, "RFC 2473 4.1.1, 7.1: 40, and 8 of options"),
    ("ipv4/gre/ipv4", 1500): (1476, "RFC 2784 2.1; the default MTU of Linux and VyOS"),
    ("ipv6/gre/ipv6", 1500): (1456, "RFC 7676 3.1: 40 and 4"),
    ("ipv4/vxlan/ipv4", 1550): (1500, "RFC 7348 4.3, 5: 50 bytes around the inner packet"),
    ("ipv4/nvgre/ipv4", 1542): (1500, "RFC 7637 3.2: 20, 8 and 14 bytes"),
    ("ipv4/lisp/ipv4", 1536): (1500, "RFC 9300 7: an outer header of 36 bytes over IPv4"),
    ("ipv6/lisp/ipv4", 1556): (1500, "RFC 9300 7: an outer header of 56 bytes over IPv6"),
    ("ipv4/wireguard/ipv4", 1500): (1440, "WireGuard: 60 bytes over IPv4"),
    ("ipv6/wireguard/ipv4", 1500): (1420, "WireGuard: 80 bytes over IPv6, the default MTU"),
    ("ethernet/ipv4", 1500): (1500, "RFC 894: 1500 bytes of data in a frame"),
    ("mpls:labels=2/ipv4", 1500): (1492, "RFC 3032 3.2: 4 bytes for each label"),
    ("ethernet/macsec/ipv4", 1500): (1468, "IEEE 802.1AE 9.3; Linux' macsec device on 1500"),
    ("ipv4/openvpn:aes-256-gcm/ipv4", 1500): (1448, "OpenVPN: 24 bytes of data channel, UDP 8, IPv4 20"),
}

# shared/reference/sizes.md, examples on a 1500 underlay: tun4, tun4N, tr4, GRE in tr4, GRE with key in tr4.
EXAMPLES = {
    "aes256gcm128": (1446, 1438, 1466, 1442, 1438),
    "aes256-sha1": (1438, 1422, 1458, 1434, 1430),
    "aes256-sha256": (1438, 1422, 1458, 1434, 1430),
}
EXAMPLE_STACKS = (
    "ipv4/esp:{}/ipv4",
    "ipv4/udp/esp:{}/ipv4",
    "ipv4/esp:{}",
    "ipv4/esp:{}/gre/ipv4",
    "ipv4/esp:{}/gre:key/ipv4",
)


@pytest.mark.parametrize("text", AMAZON)
def test_amazon_s_table_comes_out(text: str) -> None:
    mtu, mss, mss_ipv6 = AMAZON[text]
    stack = parse(text)
    assert sizes(stack).largest(1500) == mtu
    assert segments(stack, 1500) == (mss, mss_ipv6)


@pytest.mark.parametrize("text", GOOGLE)
def test_google_s_table_comes_out(text: str) -> None:
    assert sizes(parse(text)).largest(1460) == GOOGLE[text]


@pytest.mark.parametrize(("text", "link"), PUBLISHED)
def test_a_published_size_comes_out(text: str, link: int) -> None:
    expected, source = PUBLISHED[text, link]
    assert sizes(parse(text)).largest(link) == expected, source


@pytest.mark.parametrize("transform", EXAMPLES)
def test_the_examples_of_the_reference_come_out(transform: str) -> None:
    found = tuple(sizes(parse(text.format(transform))).largest(1500) for text in EXAMPLE_STACKS)
    assert found == EXAMPLES[transform]


@pytest.mark.parametrize(
    ("text", "ipv4", "ipv6"),
    [
        ("ipv4/tcp", 1460, 1440),  # RFC 6691 2: 1500 - 40, 1500 - 60
        ("ipv4/tcp:timestamps", 1460, 1440),  # options are not subtracted
        ("ipv4:options=40/tcp", 1460, 1440),
        ("sit", None, 1420),
        ("ipip", 1440, None),
        ("ipv4/esp:aes256-sha256/tcp", 1418, 1386),  # transport mode: 1458 - 40; 1446 - 60 over IPv6
    ],
)
def test_the_mss_counts_fixed_headers_only(text: str, ipv4: int | None, ipv6: int | None) -> None:
    assert segments(parse(text), 1500) == (ipv4, ipv6)
