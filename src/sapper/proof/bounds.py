"""How much a proof may look up before it says that it does not know.

A step is one route, policy or rule that is asked about a set of packets. A canonical tunnel takes a few dozen. One entry
may take many more while the whole Plan has some to spare; after that each entry gets a modest share. So the time for
any Plan grows with its size, whatever overlaps in it.
"""

from __future__ import annotations

import sys

ENTRY_STEPS = 50_000
SPARE_STEPS = 150_000
SHARE_STEPS = 500
# What one entry is given where somebody asks what a changed router would say of it.
TRIAL_STEPS = 10_000


# What may be gone through for each step: the routes, policies and rules that are looked at before one is asked about.
LOOKS_PER_STEP = 16


class Unbounded(Exception):
    """A question needs more steps than it is given."""


class Meter:
    """Counts what the indexes of one Plan go through. ``taken`` may pass no ``limit``: see :meth:`take`."""

    __slots__ = ("limit", "taken")

    def __init__(self) -> None:
        self.taken = 0
        self.limit = sys.maxsize

    def allow(self, steps: int) -> None:
        """Start over, with what so many steps may cost."""
        self.taken = 0
        self.limit = steps * LOOKS_PER_STEP

    def take(self, looks: int) -> None:
        """So many more routes, policies or rules are gone through. Raises :class:`Unbounded` if it is too much."""
        self.taken += looks
        if self.taken > self.limit:
            raise Unbounded
