"""Value types: what a leaf's value or a tag's name must look like, and the sentence for one that does not.

A type says why it refuses a text and knows its fixed words, so that validation, suggestions and the reference
pages come from one place. The whole text must match. Several types for one option are alternatives: one match is
enough. Here are the makers of types and those of plain texts; addresses and names have files of their own.

Source: VyOS' validators, as the option schema of 1.5 uses them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import NamedTuple

from sapper.schema.protocol import protocol_number

Refusal = str | None

NO_LENGTH = "has no prefix length"
"""Marks the one mistake with a code of its own: an interface address without prefix length."""


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


def word_of(name: str, words: tuple[str, ...]) -> ValueType:
    """One of many words, which go by a name because a message cannot list them."""
    known = frozenset(words)
    return ValueType(name, lambda text: None if text in known else f"is no {name} that VyOS knows", words)


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


def number_range(low: int, high: int) -> ValueType:
    """A decimal integer within the closed range, or two of them as ``FROM-TO`` in ascending order."""
    one = number(low, high)

    def refuse(text: str) -> Refusal:
        first, dash, last = text.partition("-")
        refusal = one.refuse(first) or (one.refuse(last) if dash else None)
        if refusal is not None:
            return f"is not a number or FROM-TO within {one.name}"
        return "is a range that ends before it begins" if dash and int(first) > int(last) else None

    return ValueType(f"{one.name} or FROM-TO", refuse)


def matching(name: str, regex: str) -> ValueType:
    """A text that the whole pattern matches; ``name`` describes it in words."""
    compiled = re.compile(regex)
    return ValueType(name, lambda text: None if compiled.fullmatch(text) else f"is not {name}")


def either(*types: ValueType) -> ValueType:
    """Alternatives: good if one of them takes the text. The reason is that of the first."""
    words = tuple(word for value_type in types for word in value_type.words)
    name = " or ".join(value_type.name for value_type in types)

    def refuse(text: str) -> Refusal:
        unlengthed = False
        for value_type in types:
            refusal = value_type.refuse(text)
            if refusal is None:
                return None
            unlengthed = unlengthed or refusal == NO_LENGTH
        return NO_LENGTH if unlengthed else f"is not {name}"

    return ValueType(name, refuse, words)


def negatable(value_type: ValueType) -> ValueType:
    """The same type with an optional leading exclamation mark."""
    return ValueType(
        f"{value_type.name}, also with !", lambda text: value_type.refuse(text.removeprefix("!")), value_type.words
    )


def secret(value_type: ValueType) -> ValueType:
    """The same type for a value that nothing may repeat."""
    return value_type._replace(secret=True, words=())


def _protocol(text: str) -> Refusal:
    return None if protocol_number(text) is not None else "is not an IP protocol (0-255 or its name)"


def _base64(text: str) -> Refusal:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "is not base64"
    return None


def _port_items(text: str, separator: str | None) -> Refusal:
    for item in text.split(separator) if separator else [text]:
        low, dash, high = item.removeprefix("!" if separator else "").partition("-")
        ends = (low, high) if dash else (low,)
        if all(end.isascii() and end.isdigit() for end in ends):
            if any(not 1 <= int(end[:6]) <= 65535 for end in ends) or (dash and int(low) > int(high)):
                return "is not a port or a range of ports (1-65535)"
        elif not SERVICE.fullmatch(item.removeprefix("!" if separator else "")):
            return "is not a port, a range of ports or a service name"
    return None


SERVICE = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*")

TEXT = ValueType("text", lambda text: None)
NAME = matching("a name", r"\S+")
DESCRIPTION = ValueType(
    "text of up to 255 characters", lambda text: None if len(text) <= 255 else "is longer than 255 characters"
)
SECRET = ValueType("secret text", lambda text: None, secret=True)
IP_PROTOCOL = negatable(ValueType("IP protocol", _protocol))
BASE64 = ValueType("base64", _base64)
PORT = number(1, 65535)
PORTS = ValueType("ports (one, FROM-TO, a service name, several with commas)", lambda text: _port_items(text, ","))
PORT_RANGE = ValueType("a port, FROM-TO or a service name", lambda text: _port_items(text, None))
UNSIGNED = number(0, 4294967295)
FLOW_LABEL = either(matching("a flow label of 1-5 hexadecimal digits", r"(0x)?[0-9a-fA-F]{1,5}"), one_of("inherit"))
TRAFFIC_CLASS = matching("a traffic class of 1-2 hexadecimal digits", r"(0x)?[0-9a-fA-F]{1,2}")
