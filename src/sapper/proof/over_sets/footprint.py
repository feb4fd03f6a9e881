"""What a question about one entry looked up, so that a change elsewhere need not ask it again."""

from __future__ import annotations

from sapper.address import WIDTH_BITS, Family, Prefix
from sapper.proof.sets.intervals import Interval


class Footprint:
    """``destinations`` are the prefixes that packets were sent to; ``devices`` those that they were handed to."""

    __slots__ = ("devices", "spans")

    def __init__(self) -> None:
        self.spans: set[tuple[Family, Interval]] = set()
        self.devices: set[str] = set()

    def add(self, other: Footprint) -> None:
        """With everything of another one."""
        self.spans |= other.spans
        self.devices |= other.devices

    def destinations(self) -> set[Prefix]:
        """The smallest prefixes that hold what was looked up, one for each interval."""
        return {enclosing(family, *span) for family, span in self.spans}


def enclosing(family: Family, low: int, high: int) -> Prefix:
    """The longest prefix that holds an interval."""
    return Prefix(family, low, WIDTH_BITS[family] - (low ^ high).bit_length())
