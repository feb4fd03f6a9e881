"""Prefixes with an item each, found by an address: the longest that holds it first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from sapper.address import WIDTH_BITS, Address, Prefix

Item = TypeVar("Item")


class PrefixTable(Generic[Item]):
    """One dictionary for each length that occurs, so that a look-up is at most 33 or 129 steps."""

    __slots__ = ("_tables",)

    def __init__(self) -> None:
        self._tables: dict[int, dict[int, dict[int, Item]]] = {4: {}, 6: {}}

    def get(self, prefix: Prefix) -> Item | None:
        """The item of exactly that prefix."""
        return self._tables[prefix.family].get(prefix.length, {}).get(prefix.value)

    def put(self, prefix: Prefix, item: Item) -> None:
        """Give the prefix that item, instead of one that it has."""
        self._tables[prefix.family].setdefault(prefix.length, {})[prefix.value] = item

    def around(self, address: Address) -> Iterator[Item]:
        """The items of all prefixes that hold the address, the longest first."""
        lengths, width = self._tables[address.family], WIDTH_BITS[address.family]
        for length in sorted(lengths, reverse=True):
            item = lengths[length].get(address.value >> (width - length) << (width - length))
            if item is not None:
                yield item
