"""Things filed under prefixes, and found by what lies in the prefix: one look for each length that occurs.

Plain enough for the reference, which would compare every route with every next hop without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from sapper.address import WIDTH_BITS, Address, Family, Prefix

T = TypeVar("T")


class ByPrefix(Generic[T]):
    """Each thing comes back with its place in the order in which they were filed."""

    def __init__(self, filed: Iterable[tuple[Prefix, T]]) -> None:
        self._held: dict[tuple[Family, int], dict[int, list[tuple[int, T]]]] = {}
        for at, (prefix, thing) in enumerate(filed):
            values = self._held.setdefault((prefix.family, prefix.length), {})
            values.setdefault(prefix.value, []).append((at, thing))

    def holding(self, address: Address) -> Iterator[tuple[int, T]]:
        """What is filed under a prefix that the address is in."""
        return self.covering(Prefix.host(address))

    def covering(self, prefix: Prefix) -> Iterator[tuple[int, T]]:
        """What is filed under a prefix that covers this one."""
        width = WIDTH_BITS[prefix.family]
        for (family, length), values in self._held.items():
            if family == prefix.family and length <= prefix.length:
                yield from values.get(prefix.value >> (width - length) << (width - length), ())
