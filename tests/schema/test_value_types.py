"""Value types against the standard library's own reading of the same texts."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.schema import value
from sapper.schema.value import NO_LENGTH, ValueType, either, negatable, number, one_of

ADDRESSES = st.one_of(st.ip_addresses().map(str), st.text("0123456789abcdef.:/", max_size=24))
LENGTHS = st.one_of(st.integers(-1, 140).map(str), st.just(""), st.just("x"))
TYPES = [thing for thing in vars(value).values() if isinstance(thing, ValueType)]


def reads(read: type, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


@given(ADDRESSES)
def test_an_address_is_what_the_standard_library_reads(text: str) -> None:
    assert (value.IP_ADDRESS.refuse(text) is None) == any(
        reads(kind, text) for kind in (ipaddress.IPv4Address, ipaddress.IPv6Address)
    )
    assert (value.IPV4_ADDRESS.refuse(text) is None) == reads(ipaddress.IPv4Address, text)


@given(st.ip_addresses().map(str), LENGTHS)
def test_a_prefix_has_no_host_bits(address: str, length: str) -> None:
    text = f"{address}/{length}"
    expected = any(reads(kind, text) for kind in (ipaddress.IPv4Network, ipaddress.IPv6Network))
    assert (value.IP_PREFIX.refuse(text) is None) == (expected and length != "")


@given(st.ip_addresses(), st.integers(0, 128))
def test_an_interface_address_is_no_network(address: ipaddress.IPv4Address, length: int) -> None:
    width = address.max_prefixlen
    text = f"{address}/{length}"
    if length > width:
        assert value.IP_HOST.refuse(text) is not None
        return
    network = ipaddress.ip_interface(text).network
    good = length >= width - 1 or network.network_address != address
    assert (value.IP_HOST.refuse(text) is None) == good


@pytest.mark.parametrize(
    ("text", "good"), [("192.0.2.0/31", True), ("192.0.2.0/30", False), ("2001:db8::/127", True), ("::/0", False)]
)
def test_a_link_of_two_addresses_has_no_network_address(text: str, good: bool) -> None:
    assert (value.IP_HOST.refuse(text) is None) == good


@given(st.ip_addresses().map(str))
def test_an_address_without_length_is_told_apart(address: str) -> None:
    assert value.IP_HOST.refuse(address) == NO_LENGTH
    assert either(value.IP_HOST, one_of("dhcp")).refuse(address) == NO_LENGTH


@given(st.integers(0, 300), st.integers(0, 300), st.integers(-400, 400))
def test_a_number_is_within_its_closed_range(one: int, two: int, candidate: int) -> None:
    low, high = sorted((one, two))
    assert (number(low, high).refuse(str(candidate)) is None) == (low <= candidate <= high)


@pytest.mark.parametrize("text", ["", "1 ", "+1", "0x1", "١", "9" * 5000, "1.0"])
def test_no_number(text: str) -> None:
    assert number(0, 10**30).refuse(text) is not None


@given(st.sampled_from(TYPES), st.text(max_size=40))
def test_every_type_answers_every_text(value_type: ValueType, text: str) -> None:
    for asked in (value_type, negatable(value_type), either(value_type, value.PORT)):
        refusal = asked.refuse(text)
        assert refusal is None or refusal


@pytest.mark.parametrize("text", ["gre", "47", "GRE", "!gre", "all", "tcp_udp", "255"])
def test_a_protocol(text: str) -> None:
    assert value.IP_PROTOCOL.refuse(text) is None


@pytest.mark.parametrize("text", ["256", "greetings", "", "!", "-1"])
def test_no_protocol(text: str) -> None:
    assert value.IP_PROTOCOL.refuse(text) is not None


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("80", True),
        ("0", False),
        ("65536", False),
        ("9-5", False),
        ("5-9,!22,ssh", True),
        ("5-", False),
        (",", False),
    ],
)
def test_ports(text: str, good: bool) -> None:
    assert (value.PORTS.refuse(text) is None) == good
