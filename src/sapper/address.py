"""IP addresses and prefixes as small immutable values: ints inside, text only at the edges.

Both families share one type, so that every other room handles IPv4 and IPv6 by one code path. The standard
library's ``ipaddress`` has a class per family, which typed records cannot hold in one field.
"""

from __future__ import annotations

import socket
from functools import total_ordering
from typing import Literal

Family = Literal[4, 6]

WIDTH_BITS: dict[int, int] = {4: 32, 6: 128}
_AF = {4: socket.AF_INET, 6: socket.AF_INET6}


@total_ordering
class Address:
    """One IPv4 or IPv6 address. ``value`` is its number, ``family`` 4 or 6."""

    __slots__ = ("family", "value")

    family: Family
    value: int

    def __init__(self, family: Family, value: int) -> None:
        self.family = family
        self.value = value

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read the text form. Raises ValueError for anything but a plain address of one family."""
        family: Family = 6 if ":" in text else 4
        try:
            packed = socket.inet_pton(_AF[family], text)
        except (OSError, ValueError) as error:
            raise ValueError(f"not an IP address: {text!r}") from error
        return cls(family, int.from_bytes(packed, "big"))

    @property
    def packed(self) -> bytes:
        """Network byte order, 4 or 16 bytes."""
        return self.value.to_bytes(WIDTH_BITS[self.family] // 8, "big")

    @property
    def is_multicast(self) -> bool:
        return self.value >> (28 if self.family == 4 else 120) == (0xE if self.family == 4 else 0xFF)

    @property
    def is_unspecified(self) -> bool:
        return self.value == 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and (self.family, self.value) == (other.family, other.value)

    def __lt__(self, other: Address) -> bool:
        return (self.family, self.value) < (other.family, other.value)

    def __hash__(self) -> int:
        return hash((self.family, self.value))

    def __str__(self) -> str:
        return socket.inet_ntop(_AF[self.family], self.packed)

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"


@total_ordering
class Prefix:
    """A network: ``value`` has its host bits cleared, ``length`` counts leading bits."""

    __slots__ = ("family", "length", "value")

    family: Family
    value: int
    length: int

    def __init__(self, family: Family, value: int, length: int) -> None:
        width = WIDTH_BITS[family]
        if not 0 <= length <= width:
            raise ValueError(f"prefix length {length} is not within 0-{width}")
        self.family = family
        self.length = length
        self.value = value >> (width - length) << (width - length)

    @classmethod
    def parse(cls, text: str) -> Prefix:
        """Read ``ADDRESS/LENGTH``; host bits are cleared. Raises ValueError."""
        return Attached.parse(text).prefix

    @classmethod
    def host(cls, address: Address) -> Prefix:
        """The prefix that holds this one address."""
        return cls(address.family, address.value, WIDTH_BITS[address.family])

    @classmethod
    def everything(cls, family: Family) -> Prefix:
        return cls(family, 0, 0)

    @property
    def first(self) -> int:
        return self.value

    @property
    def last(self) -> int:
        return self.value + (1 << (WIDTH_BITS[self.family] - self.length)) - 1

    @property
    def network(self) -> Address:
        return Address(self.family, self.value)

    def __contains__(self, address: Address) -> bool:
        return address.family == self.family and self.first <= address.value <= self.last

    def covers(self, other: Prefix) -> bool:
        """True if every address of ``other`` lies in this prefix."""
        return other.family == self.family and self.length <= other.length and other.network in self

    def overlaps(self, other: Prefix) -> bool:
        return self.covers(other) or other.covers(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prefix) and self._key == other._key

    def __lt__(self, other: Prefix) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[int, int, int]:
        return (self.family, self.value, self.length)

    def __str__(self) -> str:
        return f"{self.network}/{self.length}"

    def __repr__(self) -> str:
        return f"Prefix({str(self)!r})"


class Attached:
    """An address as an interface carries it: the address and the length of its connected prefix."""

    __slots__ = ("address", "length")

    address: Address
    length: int

    def __init__(self, address: Address, length: int) -> None:
        if not 0 <= length <= WIDTH_BITS[address.family]:
            raise ValueError(f"prefix length {length} is not within 0-{WIDTH_BITS[address.family]}")
        self.address = address
        self.length = length

    @classmethod
    def parse(cls, text: str) -> Attached:
        """Read ``ADDRESS/LENGTH``. Raises ValueError, also where the length is missing."""
        address, slash, length = text.partition("/")
        if not slash or not (length.isascii() and length.isdigit()):
            raise ValueError(f"expected ADDRESS/LENGTH, got {text!r}")
        return cls(Address.parse(address), int(length))

    @property
    def prefix(self) -> Prefix:
        return Prefix(self.address.family, self.address.value, self.length)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attached) and (self.address, self.length) == (other.address, other.length)

    def __hash__(self) -> int:
        return hash((self.address, self.length))

    def __str__(self) -> str:
        return f"{self.address}/{self.length}"

    def __repr__(self) -> str:
        return f"Attached({str(self)!r})"
