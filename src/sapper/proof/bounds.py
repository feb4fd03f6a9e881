"""How much a proof may look up before it says that it does not know.

A step is one route, policy or rule that is asked about a set of packets. A canonical tunnel takes a few dozen. One entry
may take many more while the whole Plan has some to spare; after that each entry gets a modest share. So the time for
any Plan grows with its size, whatever overlaps in it.
"""

from __future__ import annotations

ENTRY_STEPS = 50_000
SPARE_STEPS = 150_000
SHARE_STEPS = 500
# What one entry is given where somebody asks what a changed router would say of it.
TRIAL_STEPS = 10_000


class Unbounded(Exception):
    """A question needs more steps than it is given."""
