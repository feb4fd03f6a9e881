"""What a configured thing may do to a proof that does not see it."""

from __future__ import annotations

ADDS_WAYS = "may add ways"
DROPS = "may drop"
# Said to people and to other formats; no verdict depends on it.
NO_WAY_CHANGED = "changes no way"
