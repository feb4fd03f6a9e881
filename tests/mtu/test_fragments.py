"""Fragments, traffic mixes and paths against arithmetic written out by hand and against each other."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stack_strategy import stacks

from sapper.mtu.fragment import after, before
from sapper.mtu.misread import NoRoom, WrongStack
from sapper.mtu.mix import IMIX, read_mix, traffic
from sapper.mtu.parse import parse
from sapper.mtu.path import narrowest, read_hop
from sapper.mtu.sizes import sizes


def test_a_packet_is_cut_before_encapsulation() -> None:
    cut = before(parse("ipv4/gre/ipv4"), 1500, 1500)
    assert cut.packets == (1476, 44)  # 1456 is a multiple of 8; 1480 - 1456 = 24, and 20
    assert cut.wires == (1500, 68)
    assert cut.wire_bytes == 1568


def test_a_packet_is_cut_after_encapsulation() -> None:
    cut = after(parse("ipv4/gre/ipv4"), 1500, 1500)
    assert cut.wires == (1500, 44)  # a datagram of 1524 with 1504 of data: 1480, and 24
    behind_pppoe = after(parse("pppoe/ipv4/gre/ipv4"), 1500, 1500)
    assert behind_pppoe.packets == (1492, 52)  # 1472, and 32
    assert behind_pppoe.wires == (1500, 60)


def test_ipv6_fragments_carry_a_header_of_eight() -> None:
    cut = after(parse("ipv6/gre/ipv4"), 1500, 1500)
    assert cut.wires == (40 + 8 + 1448, 40 + 8 + 56)
    inner = before(parse("ipv4/gre/ipv6"), 1500, 1500)
    assert inner.packets == (40 + 8 + 1424, 40 + 8 + 36)


@given(stacks(), st.integers(400, 3000), st.integers(60, 9000))
def test_fragments_fit_and_lose_nothing(text: str, link: int, packet: int) -> None:
    stack = parse(text)
    known = sizes(stack)
    assume(known.fitting(link) >= known.least and packet >= known.least)
    try:
        cuts = before(stack, packet, link), after(stack, packet, link)
    except NoRoom:
        assume(False)
    for cut in cuts:
        assert all(wire <= link for wire in cut.wires)
    inner = stack.layers[stack.inner] if stack.inner < len(stack.layers) else None
    header = inner.shape.header if inner else 20
    extra = 8 if inner and "ip6" in inner.groups and len(cuts[0].packets) > 1 else 0
    assert sum(part - header - extra for part in cuts[0].packets) == packet - header
    assert all((part - header - extra) % 8 == 0 for part in cuts[0].packets[:-1])


def test_a_mix_counts_packets_bytes_and_efficiency() -> None:
    plain = traffic(parse("ipv4/gre/ipv4"), 1500)
    assert (plain.packets, plain.packet_bytes) == (12, 7 * 40 + 4 * 576 + 1500)
    assert plain.wire_packets == 13
    assert plain.wire_bytes == 7 * 64 + 4 * 600 + 1500 + 68
    assert plain.efficiency == plain.packet_bytes / plain.wire_bytes
    framed = traffic(parse("ethernet:fcs/ipv4/gre/ipv4"), 1500)
    assert framed.wire_bytes == plain.wire_bytes + 13 * 18
    assert traffic(parse("ipv4/gre/ipv4"), 1500, cut_after=True).wire_bytes < plain.wire_bytes


def test_a_mix_is_read() -> None:
    assert read_mix("IMIX") == IMIX
    assert read_mix("64:3, 1500") == ((64, 3), (1500, 1))
    for wrong in ("", "64:", "a:1", "64:0", "70000:1", "64:1;3", "-4:1"):
        with pytest.raises(WrongStack):
            read_mix(wrong)
    with pytest.raises(WrongStack, match="shorter than its headers"):
        traffic(parse("ipv4/gre/ipv6/tcp"), 1500)


def test_the_narrowest_hop_decides() -> None:
    hops = tuple(map(read_hop, ("1500", "pppoe@1500", "ipv4/gre@1492", "9000")))
    assert [hop.room for hop in hops] == [1500, 1492, 1468, 9000]
    assert narrowest(hops) == 2
    for wrong in ("", "0", "70000", "gre@", "@1500", "ipv4/gree@1500"):
        with pytest.raises(WrongStack):
            read_hop(wrong)
