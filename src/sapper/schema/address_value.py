"""Value types of addresses: IP addresses, networks and ranges of both families, and link addresses.

An interface's address has a length and is no network address; where every address of a network is a host (/31, /32,
/127, /128) that does not count. Source: VyOS' validators ip-host, ip-address, ip-prefix and their kin.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sapper.address import WIDTH_BITS, Address, Attached, Prefix
from sapper.schema.value import NO_LENGTH, Refusal, ValueType


def _read(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except ValueError:
        return None


def _address(text: str) -> Refusal:
    return None if _read(text) is not None else "is not an IP address"


def _address_of(family: int) -> Callable[[str], Refusal]:
    def refuse(text: str) -> Refusal:
        address = _read(text)
        return None if address is not None and address.family == family else f"is not an IPv{family} address"

    return refuse


def _multicast(*families: int) -> Callable[[str], Refusal]:
    def refuse(text: str) -> Refusal:
        address = _read(text)
        good = address is not None and address.family in families and address.is_multicast
        return None if good else "is not a multicast address"

    return refuse


def _interface_address(text: str) -> Refusal:
    try:
        attached = Attached.parse(text)
    except ValueError:
        return NO_LENGTH if _read(text) is not None else "is not ADDRESS/LENGTH"
    width = WIDTH_BITS[attached.address.family]
    if attached.length < width - 1 and attached.address == attached.prefix.network:
        return "is the network itself, not an address in it"
    return None


def _prefix_of(*families: int) -> Callable[[str], Refusal]:
    name = f"IPv{families[0]} " if len(families) == 1 else ""

    def refuse(text: str) -> Refusal:
        try:
            attached = Attached.parse(text)
        except ValueError:
            return f"is not an {name or 'IP '}prefix (NETWORK/LENGTH)"
        if attached.address.family not in families:
            return f"is not an {name}prefix"
        prefix = attached.prefix
        return None if prefix.network == attached.address else f"has host bits set ({prefix} is the network)"

    return refuse


def _range_of(family: int) -> Callable[[str], Refusal]:
    def refuse(text: str) -> Refusal:
        low, dash, high = text.partition("-")
        first, last = _read(low), _read(high)
        if not dash or first is None or last is None or {first.family, last.family} != {family}:
            return f"is not an IPv{family} range"
        return None if first <= last else "is a range that ends before it begins"

    return refuse


def _link_local(text: str) -> Refusal:
    address = _read(text.partition("%")[0])
    good = address is not None and address in Prefix(6, 0xFE80 << 112, 10) and not text.endswith("%")
    return None if good else "is not an IPv6 link-local address"


def _eui64(text: str) -> Refusal:
    if not text.endswith("/64"):
        return "is not an IPv6 prefix with the length 64"
    return None if _address_of(6)(text.removesuffix("/64")) is None else "is not an IPv6 prefix"


_SIX_BYTES = re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")


def _mac(text: str) -> Refusal:
    if not _SIX_BYTES.fullmatch(text):
        return "is not a link address (six bytes as 00:53:00:00:00:01)"
    first = int(text[:2], 16)
    if first & 1:
        return "is a multicast link address"
    return "is all zero" if not any(int(byte, 16) for byte in text.split(":")) else None


IP_ADDRESS = ValueType("IP address", _address)
IPV4_ADDRESS = ValueType("IPv4 address", _address_of(4))
IPV6_ADDRESS = ValueType("IPv6 address", _address_of(6))
IP_HOST = ValueType("ADDRESS/LENGTH", _interface_address)
IP_PREFIX = ValueType("IP prefix", _prefix_of(4, 6))
IPV4_PREFIX = ValueType("IPv4 prefix", _prefix_of(4))
IPV6_PREFIX = ValueType("IPv6 prefix", _prefix_of(6))
IPV4_RANGE = ValueType("IPv4 range", _range_of(4))
IPV6_RANGE = ValueType("IPv6 range", _range_of(6))
MULTICAST = ValueType("multicast address", _multicast(4, 6))
LINK_LOCAL = ValueType("IPv6 link-local address, also with %INTERFACE", _link_local)
EUI64_PREFIX = ValueType("IPv6 prefix with the length 64", _eui64)
MAC = ValueType("link address", _mac)
