"""Netlink attributes: type, length, value, padded to 4 bytes; nested ones hold attributes again.

Integers are in host byte order unless the field says network order (``be16``, ``be32``). Source: RFC 3549 2.3.3,
struct rtattr in include/uapi/linux/rtnetlink.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from sapper.address import Address

NLA_F_NESTED = 0x8000  # newer parts of the kernel refuse nested attributes without it
NLA_TYPE_MASK = 0x3FFF  # the two high bits are NLA_F_NESTED and NLA_F_NET_BYTEORDER

_HEAD = struct.Struct("=HH")
_U16 = struct.Struct("=H")
_U32 = struct.Struct("=I")


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute with its padding."""
    return _HEAD.pack(_HEAD.size + len(value), kind) + value + bytes(-len(value) % 4)


def nested(kind: int, content: bytes) -> bytes:
    """An attribute that holds attributes, and says so."""
    return attribute(kind | NLA_F_NESTED, content)


def u8(kind: int, value: int) -> bytes:
    return attribute(kind, bytes((value,)))


def u16(kind: int, value: int) -> bytes:
    return attribute(kind, _U16.pack(value))


def u32(kind: int, value: int) -> bytes:
    return attribute(kind, _U32.pack(value))


def be16(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(2, "big"))


def be32(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(4, "big"))


def text(kind: int, value: str) -> bytes:
    """A text with its terminating zero, as the kernel's NLA_NUL_STRING wants it."""
    return attribute(kind, value.encode() + b"\0")


def parse_attributes(buffer: bytes, offset: int = 0) -> dict[int, bytes]:
    """The attributes from ``offset`` on by type; the last of a type wins. Raises ValueError on a bad length."""
    return dict(_each(buffer, offset))


def parse_array(buffer: bytes) -> list[bytes]:
    """The contents of a list of attributes, whatever their types."""
    return [value for _, value in _each(buffer, 0)]


def _each(buffer: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    while offset + _HEAD.size <= len(buffer):
        length, kind = _HEAD.unpack_from(buffer, offset)
        if not _HEAD.size <= length <= len(buffer) - offset:
            raise ValueError(f"netlink attribute {kind & NLA_TYPE_MASK} of {length} bytes does not fit")
        yield kind & NLA_TYPE_MASK, buffer[offset + _HEAD.size : offset + length]
        offset += (length + 3) & ~3


def text_of(value: bytes) -> str:
    return value.split(b"\0", 1)[0].decode(errors="replace")


def u32_of(value: bytes | None) -> int | None:
    """A host order number of 4 bytes; None for an attribute that is not there. ValueError if it is shorter."""
    if value is None:
        return None
    if len(value) < _U32.size:
        raise ValueError(f"a number of {len(value)} bytes")
    return int(_U32.unpack_from(value)[0])


def address_of(value: bytes | None) -> Address | None:
    """An address of 4 or 16 bytes; None for an attribute that is not there."""
    if value is None:
        return None
    if len(value) not in (4, 16):
        raise ValueError(f"an address of {len(value)} bytes")
    return Address(4 if len(value) == 4 else 6, int.from_bytes(value, "big"))
