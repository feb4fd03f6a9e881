"""Value types: what a leaf's value or a tag's name must look like, and the sentence for one that does not.

A type says why it refuses a text and knows its fixed words, so that validation, suggestions and the reference
pages come from one place. The whole text must match. Several types for one option are alternatives: one match is
enough. ``NO_LENGTH`` marks the one mistake with a code of its own: an interface address without prefix length.

Source: VyOS' validators, as the option schema of 1.5 uses them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import NamedTuple

from sapper.address import WIDTH_BITS, Address, Attached, Prefix
from sapper.schema.protocol import protocol_number

Refusal = str | None

NO_LENGTH = "has no prefix length"


class ValueType(NamedTuple):
    """``refuse`` gives None for a good text, else what is wrong, to follow the words ``'TEXT' ``.

    ``words`` are the fixed words among the good texts. A ``secret`` value is never repeated in any message.
    """

    name: str
    refuse: Callable[[str], Refusal]
    words: tuple[str, ...] = ()
    secret: bool = False


def one_of(*words: str) -> ValueType:
    """Exactly one of these words."""
    listed = ", ".join(words)
    return ValueType(listed, lambda text: None if text in words else f"is none of {listed}", words)


def number(low: int, high: int, *words: str) -> ValueType:
    """A decimal integer within the closed range, or one of the words."""
    name = " or ".join([f"{low}-{high}", *words])

    def refuse(text: str) -> Refusal:
        if text in words:
            return None
        if not (text.isascii() and text.isdigit()):
            return f"is not a number ({name})"
        return None if len(text) <= 20 and low <= int(text) <= high else f"is not within {name}"

    return ValueType(name, refuse, words)


def matching(name: str, regex: str) -> ValueType:
    """A text that the whole pattern matches; ``name`` describes it in words."""
    compiled = re.compile(regex)
    return ValueType(name, lambda text: None if compiled.fullmatch(text) else f"is not {name}")


def either(*types: ValueType) -> ValueType:
    """Alternatives: good if one of them takes the text. The reason is that of the first."""
    words = tuple(word for value_type in types for word in value_type.words)
    name = " or ".join(value_type.name for value_type in types)

    def refuse(text: str) -> Refusal:
        reasons = [value_type.refuse(text) for value_type in types]
        if None in reasons:
            return None
        return NO_LENGTH if NO_LENGTH in reasons else f"is not {name}"

    return ValueType(name, refuse, words)


def negatable(value_type: ValueType) -> ValueType:
    """The same type with an optional leading exclamation mark."""
    return ValueType(
        f"{value_type.name}, also with !", lambda text: value_type.refuse(text.removeprefix("!")), value_type.words
    )


def _address(text: str) -> Refusal:
    try:
        Address.parse(text)
    except ValueError:
        return "is not an IP address"
    return None


def _address_of(family: int) -> Callable[[str], Refusal]:
    def refuse(text: str) -> Refusal:
        if _address(text) is not None or Address.parse(text).family != family:
            return f"is not an IPv{family} address"
        return None

    return refuse


def _interface_address(text: str) -> Refusal:
    if _address(text) is None:
        return NO_LENGTH
    try:
        attached = Attached.parse(text)
    except ValueError:
        return "is not ADDRESS/LENGTH"
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
    one = _address_of(family)

    def refuse(text: str) -> Refusal:
        low, dash, high = text.partition("-")
        if not dash or one(low) is not None or one(high) is not None:
            return f"is not an IPv{family} range"
        return None if Address.parse(low) <= Address.parse(high) else "is a range that ends before it begins"

    return refuse


def _protocol(text: str) -> Refusal:
    return None if protocol_number(text) is not None else "is not an IP protocol (0-255 or its name)"


def _base64(text: str) -> Refusal:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "is not base64"
    return None


def _ports(text: str) -> Refusal:
    for item in text.split(","):
        low, dash, high = item.removeprefix("!").partition("-")
        ends = (low, high) if dash else (low,)
        if all(end.isascii() and end.isdigit() for end in ends):
            if any(not 1 <= int(end[:6]) <= 65535 for end in ends) or (dash and int(low) > int(high)):
                return "is not a port or a range of ports (1-65535)"
        elif not SERVICE.fullmatch(item.removeprefix("!")):
            return "is not a port, a range of ports or a service name"
    return None


SERVICE = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*")

TEXT = ValueType("text", lambda text: None)
NAME = matching("a name", r"\S+")
DESCRIPTION = ValueType(
    "text of up to 255 characters", lambda text: None if len(text) <= 255 else "is longer than 255 characters"
)
SECRET = ValueType("secret text", lambda text: None, secret=True)
IP_ADDRESS = ValueType("IP address", _address)
IPV4_ADDRESS = ValueType("IPv4 address", _address_of(4))
IPV6_ADDRESS = ValueType("IPv6 address", _address_of(6))
IP_HOST = ValueType("ADDRESS/LENGTH", _interface_address)
IP_PREFIX = ValueType("IP prefix", _prefix_of(4, 6))
IPV4_PREFIX = ValueType("IPv4 prefix", _prefix_of(4))
IPV6_PREFIX = ValueType("IPv6 prefix", _prefix_of(6))
IPV4_RANGE = ValueType("IPv4 range", _range_of(4))
IP_PROTOCOL = negatable(ValueType("IP protocol", _protocol))
BASE64 = ValueType("base64", _base64)
PORT = number(1, 65535)
PORTS = ValueType("ports", _ports)
FQDN = matching("a host name", r"[A-Za-z0-9][A-Za-z0-9.-]*")
FLOW_LABEL = either(matching("a flow label of 1-5 hexadecimal digits", r"(0x)?[0-9a-fA-F]{1,5}"), one_of("inherit"))
TRAFFIC_CLASS = matching("a traffic class of 1-2 hexadecimal digits", r"(0x)?[0-9a-fA-F]{1,2}")
INTERFACE = matching("an interface name", r"[a-zA-Z][a-zA-Z0-9_-]*(\.[0-9]+){0,2}")
INTERFACE_MATCH = matching("an interface name, also with ! before or * after it", r"!?[a-zA-Z][a-zA-Z0-9_.-]*\*?")


def is_prefix(text: str) -> bool:
    """True for NETWORK/LENGTH with any host bits."""
    try:
        Prefix.parse(text)
    except ValueError:
        return False
    return True
