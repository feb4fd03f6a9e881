"""Value types against the standard library's own reading of the same texts."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapper.schema import address_value, name_value, value
from sapper.schema.value import NO_LENGTH, ValueType, either, negatable, number, one_of

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
KINDS = (ipaddress.IPv4Address, ipaddress.IPv6Address)
ADDRESSES = st.one_of(st.ip_addresses().map(str), st.text("0123456789abcdef.:/", max_size=24))
LENGTHS = st.one_of(st.integers(-1, 140).map(str), st.just(""), st.just("x"))
TYPES = [
    thing
    for module in (value, address_value, name_value)
    for thing in vars(module).values()
    if isinstance(thing, ValueType)
]


def reads(read: type, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


@given(ADDRESSES)
def test_an_address_is_what_the_standard_library_reads(text: str) -> None:
    assert (address_value.IP_ADDRESS.refuse(text) is None) == any(
        reads(kind, text) for kind in (ipaddress.IPv4Address, ipaddress.IPv6Address)
    )
    assert (address_value.IPV4_ADDRESS.refuse(text) is None) == reads(ipaddress.IPv4Address, text)


@given(st.ip_addresses().map(str), LENGTHS)
def test_a_prefix_has_no_host_bits(address: str, length: str) -> None:
    text = f"{address}/{length}"
    expected = any(reads(kind, text) for kind in (ipaddress.IPv4Network, ipaddress.IPv6Network))
    assert (address_value.IP_PREFIX.refuse(text) is None) == (expected and length != "")


@given(st.ip_addresses(), st.integers(0, 128))
def test_an_interface_address_is_no_network(address: ipaddress.IPv4Address, length: int) -> None:
    width = address.max_prefixlen
    text = f"{address}/{length}"
    if length > width:
        assert address_value.IP_HOST.refuse(text) is not None
        return
    network = ipaddress.ip_interface(text).network
    good = length >= width - 1 or network.network_address != address
    assert (address_value.IP_HOST.refuse(text) is None) == good


@pytest.mark.parametrize(
    ("text", "good"), [("192.0.2.0/31", True), ("192.0.2.0/30", False), ("2001:db8::/127", True), ("::/0", False)]
)
def test_a_link_of_two_addresses_has_no_network_address(text: str, good: bool) -> None:
    assert (address_value.IP_HOST.refuse(text) is None) == good


@given(st.ip_addresses().map(str))
def test_an_address_without_length_is_told_apart(address: str) -> None:
    assert address_value.IP_HOST.refuse(address) == NO_LENGTH
    assert either(address_value.IP_HOST, one_of("dhcp")).refuse(address) == NO_LENGTH


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


@given(ADDRESSES)
def test_kinds_of_addresses_are_the_standard_library_s(text: str) -> None:
    address = ipaddress.ip_address(text) if any(reads(kind, text) for kind in KINDS) else None
    link_local = address is not None and address.version == 6 and address.is_link_local
    assert (address_value.MULTICAST.refuse(text) is None) == (address is not None and address.is_multicast)
    assert (address_value.LINK_LOCAL.refuse(text) is None) == link_local


@given(st.integers(0xFE7F, 0xFEC0), st.integers(0, 2**112 - 1), st.sampled_from(["", "%eth0", "%"]))
def test_a_link_local_address_may_name_its_interface(head: int, rest: int, zone: str) -> None:
    address = ipaddress.IPv6Address(head << 112 | rest)
    assert (address_value.LINK_LOCAL.refuse(f"{address}{zone}") is None) == (address.is_link_local and zone != "%")


@given(st.ip_addresses(), st.ip_addresses())
def test_a_range_goes_upwards_within_one_family(low: IpAddress, high: IpAddress) -> None:
    text = f"{low}-{high}"
    good = low.version == high.version and int(low) <= int(high)
    ranges = {4: address_value.IPV4_RANGE, 6: address_value.IPV6_RANGE}
    for version, value_type in ranges.items():
        assert (value_type.refuse(text) is None) == (good and low.version == version)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_a_range_of_numbers_goes_upwards_within_its_bounds(low: int, high: int, first: int, last: int) -> None:
    low, high = sorted((low, high))
    value_type = value.number_range(low, high)
    assert (value_type.refuse(f"{first}-{last}") is None) == (low <= first <= last <= high)
    assert (value_type.refuse(str(first)) is None) == (low <= first <= high)


@pytest.mark.parametrize(
    ("value_type", "good", "bad"),
    [
        (address_value.EUI64_PREFIX, ("2001:db8::/64", "2001:db8::1/64"), ("2001:db8::/63", "192.0.2.0/64", "::")),
        (
            address_value.MAC,
            ("00:53:00:00:00:01", "02:AA:bb:00:00:00"),
            ("01:53:00:00:00:01", "00:00:00:00:00:00", "00:53:00:00:00", "0:53:0:0:0:1", "00-53-00-00-00-01"),
        ),
        (
            name_value.VRF,
            ("red", "MGMT", "local-vrf", "br0ad", "tun", "fifteen-letters", "default"),
            ("lo", "eth1", "tun0", "1blue", "eth0.100", "sixteen-letters-", "", "a b", "a/b"),
        ),
        (name_value.NEW_VRF, ("red",), ("default", "all", "vrf", "eth1")),
        (name_value.VRF_OR_DEFAULT, ("red", "default"), ("eth1",)),
        (name_value.FQDN, ("a", "west.example.org", "9-a"), ("-a", "a_b", "")),
        (value.PORT_RANGE, ("1", "5-9", "ssh"), ("5,9", "!5", "9-5", "0", "65536", "")),
        (value.BASE64, ("aGk=", ""), ("aGk", "a b=")),
        (value.UNSIGNED, ("0", "4294967295"), ("4294967296", "-1")),
        (value.FLOW_LABEL, ("0xfffff", "1", "inherit"), ("0x100000", "fffff0", "0x", "")),
        (value.TRAFFIC_CLASS, ("0xff", "7"), ("0x100", "inherit", "")),
    ],
    ids=lambda value_type: getattr(value_type, "name", None),
)
def test_what_a_type_takes_and_what_not(value_type: ValueType, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    assert [text for text in good if value_type.refuse(text) is not None] == []
    assert [text for text in bad if value_type.refuse(text) is None] == []
