"""Addresses replaced so that what lies in one network still does: prefix-preserving, with a key that nobody keeps.

Bits are flipped one by one, each by a keyed hash of the bits before it (the construction of Xu, Fan, Ammar and Moon,
2002). Addresses with a meaning of their own stay as they are, private networks stay private, the last octet of IPv4 and
small interface identifiers of IPv6 stay, so that a network's own address stays one. The first octet of a public IPv4
address becomes another public one.
"""

from __future__ import annotations

import hashlib

from sapper.address import WIDTH_BITS, Address, Prefix

_OWN_MEANING = tuple(
    map(
        Prefix.parse,
        (
            "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "::/16", "64:ff9b::/96", "2001:db8::/32", "fe80::/10", "ff00::/8",
        ),
    )
)  # fmt: skip
_PRIVATE = tuple(
    map(Prefix.parse, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/8", "fd00::/8"))
)
_MIXED = frozenset({10, 100, 127, 169, 172, 192, 198, 203})
_PUBLIC_OCTETS = tuple(octet for octet in range(1, 224) if octet not in _MIXED)
_V6_HEAD_BITS = 16
_SMALL_IDENTIFIER = 1 << 16


class AddressMask:
    """One mapping; the same address always becomes the same one."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        order = sorted(_PUBLIC_OCTETS, key=lambda octet: self._hash(f"octet {octet}"))
        self._unused = list(order)
        self._octets: dict[int, int] = {}

    def address(self, address: Address) -> Address:
        """What stands for that address."""
        if any(address in prefix for prefix in _OWN_MEANING):
            return address
        kept = next((prefix.length for prefix in _PRIVATE if address in prefix), None)
        if address.family == 4:
            return Address(4, self._v4(address.value, kept))
        return Address(6, self._v6(address.value, kept or _V6_HEAD_BITS))

    def prefix(self, prefix: Prefix) -> Prefix:
        """What stands for that network: it holds what stands for its addresses."""
        if prefix.length == 0:
            return prefix
        return Prefix(prefix.family, self.address(prefix.network).value, prefix.length)

    def _v4(self, value: int, kept: int | None) -> int:
        last = value & 0xFF
        if kept is not None:
            return self._flipped(value >> 8, 24, kept) << 8 | last
        middle = self._flipped(value >> 8, 24, 8) & 0xFFFF
        return self._octet(value >> 24) << 24 | middle << 8 | last

    def _octet(self, octet: int) -> int:
        if octet not in self._octets:
            self._octets[octet] = self._unused.pop() if self._unused else octet
        return self._octets[octet]

    def _v6(self, value: int, kept: int) -> int:
        identifier = value & (1 << 64) - 1
        network = self._flipped(value >> 64, 64, kept)
        if identifier >= _SMALL_IDENTIFIER:
            identifier = self._flipped(identifier, 64, 0, network.to_bytes(8, "big"))
        return network << 64 | identifier

    def _flipped(self, value: int, width: int, kept: int, salt: bytes = b"") -> int:
        result = value >> (width - kept)
        for bit in range(kept, width):
            before = value >> (width - bit)
            flip = self._hash(f"{width} {bit} {before} {salt.hex()}") & 1
            result = result << 1 | (value >> (width - bit - 1) & 1) ^ flip
        return result

    def _hash(self, text: str) -> int:
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=8).digest()[0]


def is_host(prefix: Prefix) -> bool:
    """Whether the prefix holds one address."""
    return prefix.length == WIDTH_BITS[prefix.family]
