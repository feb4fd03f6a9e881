"""The closed forms: exact at their edges for random stacks, equal to a brute force, equal to Linux' own formula."""

from __future__ import annotations

from itertools import pairwise

import pytest
from every_length import ESP, HEADERS, largest, linux_state_mtu, transport_wire, wire
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stack_strategy import stacks

from sapper.mtu.anatomy import pieces
from sapper.mtu.misread import NoRoom
from sapper.mtu.parse import parse
from sapper.mtu.sizes import sizes

LINKS = st.one_of(st.integers(100, 9216), st.sampled_from([1280, 1400, 1460, 1492, 1500, 9000, 65535]))
TRANSFORMS = sorted(ESP)


@given(stacks(), LINKS)
@settings(max_examples=400)
def test_the_largest_packet_fits_and_the_next_does_not(text: str, link: int) -> None:
    known = sizes(parse(text))
    if known.fitting(link) < known.least:
        with pytest.raises(NoRoom) as refused:
            known.largest(link)
        assert refused.value.smallest > link
        assert known.largest(refused.value.smallest) >= known.least
        return
    packet = known.largest(link)
    assert known.wire(packet, link) <= link
    assert packet == 65535 or known.wire(packet + 1, link) > link


@given(stacks(), LINKS, st.integers(0, 9000))
def test_a_longer_packet_is_never_shorter_on_the_wire(text: str, link: int, packet: int) -> None:
    known = sizes(parse(text))
    assert known.wire(packet + 1, link) >= known.wire(packet, link)
    assert known.wire(packet + 1) >= known.wire(packet)
    assert known.least_wire(packet, link) <= known.wire(packet, link)


def test_tcp_options_count_where_tcp_carries_a_tunnel() -> None:
    plain = sizes(parse("ipv4/tcp/openvpn:aes-256-gcm/ipv4")).largest(1500)
    assert sizes(parse("ipv4/tcp:timestamps/openvpn:aes-256-gcm/ipv4")).largest(1500) == plain - 12


@given(stacks(), LINKS, st.integers(1, 700))
def test_a_wider_link_never_takes_less(text: str, link: int, more: int) -> None:
    known = sizes(parse(text))
    assert known.fitting(link + more) >= known.fitting(link)


@given(stacks(), st.integers(400, 2000))
def test_the_overhead_is_a_range_that_every_packet_keeps(text: str, link: int) -> None:
    known = sizes(parse(text))
    assume(known.fitting(link) >= known.least)
    low, high = known.overhead(link)
    packets = range(known.least, min(known.largest(link), known.least + 300) + 1)
    assert all(low <= known.least_wire(packet, link) - packet for packet in packets)
    assert all(known.wire(packet, link) - packet <= high for packet in packets)


@given(stacks(), st.integers(400, 2000))
def test_the_pieces_of_the_picture_are_the_whole_packet(text: str, link: int) -> None:
    stack = parse(text)
    known = sizes(stack)
    assume(known.fitting(link) >= known.least)
    packet = known.largest(link)
    found = pieces(stack, packet, link)
    for before, after in pairwise(found):
        assert before.offset + before.bytes == after.offset
    assert found[0].offset == 0
    assert found[-1].offset + found[-1].bytes == known.wire(packet, link) + known.frame


OUTSIDE = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["ipv4", "ipv6", "ipv6:encaplimit"]), st.just("gre:key")),
        st.tuples(st.sampled_from(["ipv4", "ipv6"]), st.just("gre:key,csum,seq")),
        st.tuples(st.just("ipv4"), st.just("udp"), st.just("vxlan"), st.just("ethernet")),
        st.tuples(st.just("ipv6"), st.just("udp"), st.just("gue")),
        st.tuples(st.sampled_from(["ipv4", "ipv6"]), st.sampled_from(TRANSFORMS).map("esp:{}".format)),
        st.tuples(st.just("ipv4"), st.just("udp"), st.sampled_from(TRANSFORMS).map("esp:{}".format)),
    ),
    min_size=1,
    max_size=4,
).map(lambda groups: [layer for group in groups for layer in group])


@given(OUTSIDE, st.sampled_from(["ipv4", "ipv6"]), st.integers(300, 2200))
@settings(max_examples=60)
def test_every_payload_agrees_with_the_brute_force(outside: list[str], inner: str, link: int) -> None:
    known = sizes(parse("/".join([*outside, inner])))
    assume(known.fitting(link) >= known.least)
    assert known.largest(link) == largest(link, outside)
    assert [known.wire(packet) for packet in range(40, link)] == [
        wire(packet, outside) for packet in range(40, link)
    ]


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("outer", ["ipv4", "ipv6"])
@pytest.mark.parametrize("udp", [False, True])
def test_tunnel_mode_is_linux_formula_for_every_mtu(transform: str, outer: str, udp: bool) -> None:
    known = sizes(parse(f"{outer}/{'udp/' if udp else ''}esp:{transform}/ipv4"))
    for link in range(1280, 9001, 7):
        expected = linux_state_mtu(link, transform, udp=udp, tunnel=True, outer=HEADERS[outer], inner_header=20)
        assert known.largest(link) == expected


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("outer", ["ipv4", "ipv6"])
@pytest.mark.parametrize("udp", [False, True])
def test_transport_mode_is_linux_formula_and_the_brute_force(transform: str, outer: str, udp: bool) -> None:
    header = HEADERS[outer]
    known = sizes(parse(f"{outer}/{'udp/' if udp else ''}esp:{transform}/tcp"))
    esps = ["udp"] * udp + [f"esp:{transform}"]
    for link in range(1280, 9001, 7):
        expected = linux_state_mtu(link, transform, udp=udp, tunnel=False, outer=header, inner_header=header)
        assert known.largest(link) == expected
    for packet in range(header + 20, 1600):
        assert known.wire(packet) == transport_wire(packet, header, [], esps)


def test_wireguard_pads_to_sixteen_but_not_above_its_device() -> None:
    over_ipv6 = sizes(parse("ipv6/wireguard:mtu=1420/ipv4"))
    assert over_ipv6.wire(1420) == 1500
    assert over_ipv6.wire(1409) == 1500
    assert over_ipv6.wire(1408) == 40 + 8 + 32 + 1408
    assert over_ipv6.largest(1500) == 1420
    assert over_ipv6.largest(9000) == 1420
    assert over_ipv6.largest(1499) == 1408
    assert over_ipv6.wire(1421) == 80 + 1420 + 16
    assert over_ipv6.wire(2 * 1420) == 80 + 2 * 1420
    assert over_ipv6.wire(2 * 1420 - 3) == 80 + 2 * 1420
    assert sizes(parse("ipv4/wireguard/ipv4")).largest(1500) == 1440


def test_payloads_filled_up_to_the_link_are_all_of_one_length() -> None:
    known = sizes(parse("ipv4/esp:aes256gcm128,tfc=mtu/ipv4"))
    assert {known.wire(packet, 1500) for packet in range(20, 1447)} == {1500}
    assert known.largest(1500) == sizes(parse("ipv4/esp:aes256gcm128/ipv4")).largest(1500)
    to_a_number = sizes(parse("ipv4/esp:aes256gcm128,tfc=700/ipv4"))
    assert to_a_number.wire(100) == to_a_number.wire(700) == 20 + 8 + 8 + 704 + 16
    assert to_a_number.wire(100, 600) <= 600


def test_compression_is_a_range_and_never_a_longer_packet() -> None:
    plain = sizes(parse("ipv4/esp:aes256-sha256/ipv4"))
    compressed = sizes(parse("ipv4/esp:aes256-sha256/ipcomp/ipv4"))
    assert compressed.largest(1500) == plain.largest(1500)
    assert compressed.wire(1400) == plain.wire(1400)
    assert compressed.least_wire(1400) == plain.wire(4 + 2)
    assert compressed.least_wire(80) == plain.wire(80)
    assert compressed.overhead(1500)[0] < 0


def test_the_frame_is_outside_of_the_mtu_and_has_a_least_length() -> None:
    known = sizes(parse("ethernet:fcs/vlan/ipv4/gre/ipv4"))
    assert known.largest(1500) == 1476
    assert known.framed(1500) == 1500 + 14 + 4 + 4
    assert known.framed(28) == 64
    assert sizes(parse("ethernet/ipv4")).framed(28) == 60
    assert sizes(parse("ipv4")).framed(28) == 28
    assert sizes(parse("ethernet/macsec/ipv4")).largest(1500) == 1468


def test_beet_mode_sends_no_inner_header() -> None:
    beet = sizes(parse("ipv4/esp:aes256-sha256,beet/ipv4/tcp"))
    transport = sizes(parse("ipv4/esp:aes256-sha256/tcp"))
    assert [beet.wire(packet) for packet in range(40, 1600)] == [
        transport.wire(packet) for packet in range(40, 1600)
    ]
    across = sizes(parse("ipv6/esp:aes256-sha256,beet/ipv4/tcp"))
    assert across.wire(1000) == transport.wire(1000) + 20
    with_options = sizes(parse("ipv4/esp:null-sha256,beet/ipv4:options=4/tcp"))
    assert with_options.wire(124) == 20 + 8 + 8 + 100 + 2 + 2 + 16
