"""The far end of the two configurations in :mod:`sapper.rules.example`, for the rules that look at both ends."""

from __future__ import annotations

from sapper.rules.example import PEER, PROTECTED, TUNNEL


def mirrored(text: str) -> str:
    """The same tunnel or peer as its far end has it: the ends change places."""
    swapped = text.replace("192.0.2.10", "\0").replace("203.0.113.20", "192.0.2.10").replace("\0", "203.0.113.20")
    return swapped.replace("10.0.0.1/30", "10.0.0.2/30").replace("west", "east")


FAR_TUNNEL = mirrored(TUNNEL)
FAR_PEER = mirrored(PEER)
FAR_PROTECTED = mirrored(PROTECTED)
