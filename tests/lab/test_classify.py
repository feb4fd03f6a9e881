"""What is on the wire: frames built by dpkt and struct, so that nobody reads only what he wrote himself."""

from __future__ import annotations

import struct

import dpkt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sapper.address import Address
from sapper.lab.classify import classify, token_of
from sapper.lab.result import PacketClass

TOKEN = "sapper:east:tun0:0"
PROBE = f"{TOKEN}|".encode().ljust(64, b".")
EAST, WEST = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
EAST6, WEST6 = Address.parse("2001:db8::10"), Address.parse("2001:db8::20")
INNER = (Address.parse("10.1.0.10"), Address.parse("10.2.0.10"))
INNER6 = (Address.parse("fd00:1::10"), Address.parse("fd00:2::10"))
GRE = b"\0\0\x08\0"
GRE_KEY = b"\x20\0\x08\0\0\0\0\7"
LIMIT_4 = b"\x04\x01\x04\x01\x01\0"  # encapsulation limit 4, then two bytes of padding (RFC 2473 4.1.1)


def udp(payload: bytes, sport: int = 40000, dport: int = 47011) -> bytes:
    return bytes(dpkt.udp.UDP(sport=sport, dport=dport, ulen=8 + len(payload), data=payload))


def ip(protocol: int, payload: bytes, source: Address = EAST, destination: Address = WEST, **fields: int) -> bytes:
    """An IP packet by dpkt; ``payload`` goes in as it is."""
    if destination.family == 6:
        header = dpkt.ip6.IP6(
            nxt=protocol, plen=len(payload), hlim=64, src=source.packed, dst=destination.packed, **fields
        )
        return bytes(header.pack_hdr()) + payload
    made = dpkt.ip.IP(p=protocol, src=source.packed, dst=destination.packed, len=20 + len(payload), **fields)
    return bytes(made.pack_hdr()) + payload


def ip6(protocol: int, payload: bytes) -> bytes:
    return ip(protocol, payload, EAST6, WEST6)


def ether(packet: bytes, tags: tuple[int, ...] = ()) -> bytes:
    """An Ethernet frame with that many VLAN tags of those types."""
    ethertype = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    return bytes(12) + b"".join(struct.pack("!HH", tag, 5) for tag in tags) + struct.pack("!H", ethertype) + packet


def option(next_header: int, body: bytes = LIMIT_4) -> bytes:
    """An IPv6 options header of 8 bytes."""
    return struct.pack("!BB", next_header, 0) + body


def fragment(next_header: int, offset: int, more: int = 1) -> bytes:
    return struct.pack("!BBHI", next_header, 0, offset << 3 | more, 99)


PROBE4 = ip(17, udp(PROBE), *INNER)
PROBE6 = ip(17, udp(PROBE), *INNER6)
ESP = struct.pack("!II", 0xC1234567, 1) + bytes(range(64))
IKE = bytes(8) + struct.pack("!QBBBBII", 7, 33, 0x20, 34, 8, 0, 28)
AH = struct.pack("!BBHII", 4, 4, 0, 1, 1) + bytes(12)

KINDS: dict[str, tuple[bytes, PacketClass]] = {
    "ESP": (ip(50, ESP), "esp"),
    "ESP over IPv6": (ip6(50, ESP), "esp"),
    "ESP in UDP": (ip(17, udp(ESP, 4500, 4500)), "esp"),
    "ESP in UDP from a NAT box' port": (ip(17, udp(ESP, 61234, 4500)), "esp"),
    "ESP behind an IPv6 option": (ip6(60, option(50) + ESP), "esp"),
    "ESP, first IPv6 fragment": (ip6(44, fragment(50, 0) + ESP), "esp"),
    "ESP, later IPv6 fragment": (ip6(44, fragment(50, 40) + ESP), "esp"),
    "ESP, later IPv4 fragment": (ip(50, ESP, offset=40), "esp"),
    "IKE": (ip(17, udp(IKE, 500, 500)), "ike"),
    "IKE on 4500": (ip(17, udp(bytes(4) + IKE, 4500, 4500)), "ike"),
    "IKE over IPv6": (ip6(17, udp(IKE, 500, 500)), "ike"),
    "a NAT keepalive": (ip(17, udp(b"\xff", 4500, 4500)), "other"),
    "an empty datagram on 4500": (ip(17, udp(b"", 4500, 4500)), "other"),
    "GRE": (ip(47, GRE + PROBE4), "clear-outer"),
    "GRE with a key": (ip(47, GRE_KEY + PROBE4), "clear-outer"),
    "GRE over IPv6": (ip6(47, GRE + PROBE4), "clear-outer"),
    "gretap": (ip(47, b"\0\0\x65\x58" + ether(PROBE4)), "clear-outer"),
    "ipip": (ip(4, PROBE4), "clear-outer"),
    "sit": (ip(41, PROBE6), "clear-outer"),
    "ipip6": (ip6(4, PROBE4), "clear-outer"),
    "ip6ip6": (ip6(41, PROBE6), "clear-outer"),
    "ip6ip6 with an encapsulation limit": (ip6(60, option(41) + PROBE6), "clear-outer"),
    "ipip6 with an encapsulation limit": (ip6(60, option(4) + PROBE4), "clear-outer"),
    "ip6ip6, first fragment": (ip6(44, fragment(41, 0) + PROBE6), "clear-outer"),
    "two options and a fragment": (
        ip6(0, option(60) + option(44) + fragment(47, 0) + GRE + PROBE4),
        "clear-outer",
    ),
    "GRE, first IPv4 fragment": (ip(47, GRE + PROBE4, mf=1), "clear-outer"),
    "GRE, later IPv4 fragment": (ip(47, PROBE[30:], offset=40), "other"),
    "ip6ip6, later fragment": (ip6(44, fragment(41, 40, 0) + PROBE[30:]), "other"),
    "UDP, later fragment that looks like IKE": (ip(17, udp(b"", 500, 500) + PROBE, offset=40), "clear-inner"),
    "UDP, later IPv6 fragment that looks like IKE": (
        ip6(44, fragment(17, 40) + udp(b"", 500, 500) + PROBE),
        "clear-inner",
    ),
    "AH over IKE": (ip(51, b"\x11" + AH[1:] + udp(IKE, 500, 500)), "ike"),
    "AH": (ip(51, AH + PROBE4), "clear-outer"),
    "the probe itself": (PROBE4, "clear-inner"),
    "the probe itself over IPv6": (PROBE6, "clear-inner"),
    "the probe behind an IPv6 option that does nothing": (
        ip(60, option(17, b"\1\4" + bytes(4)) + udp(PROBE), *INNER6),
        "clear-inner",
    ),
    "a probe along an ICMP selector": (ip(1, PROBE), "clear-inner"),
    "a probe along an ICMPv6 selector": (ip6(58, PROBE), "clear-inner"),
    "destination unreachable": (ip(1, b"\3\1" + bytes(6) + PROBE4), "other"),
    "time exceeded": (ip(1, b"\x0b\0" + bytes(6) + PROBE4), "other"),
    "a redirect": (ip(1, b"\5\1" + bytes(6) + PROBE4), "other"),
    "destination unreachable over IPv6": (ip6(58, b"\1\0" + bytes(6) + PROBE6), "other"),
    "too big": (ip6(58, b"\2\0" + bytes(6) + PROBE6), "other"),
    "an IPv6 redirect": (ip6(58, b"\x89\0" + bytes(6) + PROBE6), "other"),
    "somebody else's GRE": (ip(47, GRE + ip(17, udp(b"hello"), *INNER)), "other"),
    "somebody else's UDP": (ip(17, udp(b"hello")), "other"),
    "a router solicitation": (ip6(58, b"\x85\0" + bytes(6)), "other"),
}


@pytest.mark.parametrize("tags", [(), (0x8100,), (0x88A8, 0x8100)], ids=["plain", "VLAN", "QinQ"])
@pytest.mark.parametrize("name", KINDS)
def test_each_kind(name: str, tags: tuple[int, ...]) -> None:
    packet, kind = KINDS[name]

    found, destination = classify(ether(packet, tags))

    assert found == kind
    assert destination is not None
    assert destination.packed == (packet[24:40] if packet[0] >> 4 == 6 else packet[16:20])


@pytest.mark.parametrize("name", KINDS)
def test_what_ethernet_pads_a_frame_with_does_not_matter(name: str) -> None:
    packet, kind = KINDS[name]

    assert classify(ether(packet) + bytes(46))[0] == kind


def test_the_token_is_read_from_clear_frames_only() -> None:
    for packet, kind in KINDS.values():
        assert (token_of(ether(packet)) == TOKEN) or kind in ("esp", "ike", "other")
    assert token_of(ether(ip(50, ESP))) is None
    assert token_of(b"sapper:no end") is None


@given(st.text(st.characters(exclude_characters="|", codec="utf-8"), min_size=1, max_size=90))
@example("ü" * 180)
def test_any_token_comes_back(words: str) -> None:
    """Names of routers and peers are in it: up to 80 letters each, whatever the letters are."""
    token = f"sapper:{words}"

    assert token_of(ether(ip(17, udp(f"{token}|".encode())))) == token


NOT_IP = {
    "ARP that quotes": bytes(12) + b"\x08\x06" + bytes(28) + PROBE,
    "802.3": bytes(12) + struct.pack("!H", 60) + PROBE,
    "MPLS": bytes(12) + b"\x88\x47" + bytes(4) + PROBE4,
    "IPv4 that says it is IPv6": bytes(12) + b"\x86\xdd" + PROBE4,
    "nothing": b"",
    "an address and no more": bytes(6),
    "a VLAN tag and no more": bytes(12) + b"\x81\0\0\5",
    "no payload": bytes(12) + b"\x08\0",
}


@pytest.mark.parametrize("name", NOT_IP)
def test_what_is_no_ip_is_other(name: str) -> None:
    assert classify(NOT_IP[name]) == ("other", None)


@given(st.binary(max_size=200))
def test_any_bytes_are_classified(frame: bytes) -> None:
    classify(frame)
    token_of(frame)


HEADERS = st.sampled_from([0, 43, 44, 50, 51, 60, 17, 47, 58, 1, 4, 41, 6, 115, 132, 135, 59])


@given(st.sampled_from([0x0800, 0x86DD]), HEADERS, st.binary(max_size=120), st.binary(max_size=60))
@example(0x86DD, 51, b"", b"")
def test_any_bytes_in_an_ip_header_are_classified(ethertype: int, protocol: int, start: bytes, rest: bytes) -> None:
    body = bytearray(start)
    if body:
        body[0] = 0x45 if ethertype == 0x0800 else 0x60
    at = 9 if ethertype == 0x0800 else 6
    if len(body) > at:
        body[at] = protocol

    kind, destination = classify(bytes(12) + struct.pack("!H", ethertype) + bytes(body) + rest)

    assert destination is not None or kind == "other"


@given(st.sampled_from(sorted(KINDS)), st.integers(0, 200))
def test_a_frame_that_was_cut_short_never_raises(name: str, length: int) -> None:
    classify(ether(KINDS[name][0])[:length])


@given(st.lists(st.sampled_from([0, 43, 60]), max_size=12), st.sampled_from([4, 41, 47]))
def test_any_chain_of_ipv6_headers_leads_to_the_tunnel(chain: list[int], protocol: int) -> None:
    following = [*chain[1:], protocol]
    headers = b"".join(option(number) for number in following) if chain else b""
    payload = {4: PROBE4, 41: PROBE6, 47: GRE + PROBE4}[protocol]

    assert classify(ether(ip6(chain[0] if chain else protocol, headers + payload))) == ("clear-outer", WEST6)
