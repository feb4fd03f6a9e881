"""A traffic mix through a stack: how many packets and bytes go in and come out, and what share of the wire is used.

A mix is pairs of a packet's length (its IP header included) and its share. IMIX is seven packets of 40, four of 576
and one of 1500 bytes, the mix that vendors test with.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.mtu.fragment import after, before
from sapper.mtu.misread import WrongStack
from sapper.mtu.sizes import sizes
from sapper.mtu.stack import Stack

Mix = tuple[tuple[int, int], ...]
IMIX: Mix = ((40, 7), (576, 4), (1500, 1))


class Traffic(NamedTuple):
    """Totals of one round of the mix. ``wire_bytes`` count the frame where the stack names one."""

    packets: int
    wire_packets: int
    packet_bytes: int
    wire_bytes: int

    @property
    def efficiency(self) -> float:
        """Inner packets' bytes as a share of the bytes on the wire, from 0 to 1."""
        return self.packet_bytes / self.wire_bytes


def traffic(stack: Stack, link: int, mix: Mix = IMIX, *, cut_after: bool = False) -> Traffic:
    """Send the mix once. A packet that does not fit is cut before encapsulation, or after it with ``cut_after``."""
    known = sizes(stack)
    packets = wire_packets = packet_bytes = wire_bytes = 0
    for length, count in mix:
        if length < known.least:
            raise WrongStack(f"a packet of {length} bytes is shorter than its headers, which take {known.least}")
        cut = (after if cut_after else before)(stack, length, link, known)
        packets += count
        wire_packets += count * len(cut.wires)
        packet_bytes += count * length
        wire_bytes += count * sum(known.framed(wire) for wire in cut.wires)
    return Traffic(packets, wire_packets, packet_bytes, wire_bytes)


def read_mix(text: str) -> Mix:
    """``imix``, or lengths with their shares: ``40:7,576:4,1500:1``. Raises WrongStack."""
    if text.strip().lower() == "imix":
        return IMIX
    pairs = []
    for entry in text.split(","):
        length, colon, count = entry.strip().partition(":")
        if not (length.isdecimal() and (count.isdecimal() if colon else True)) or not length.isascii():
            raise WrongStack(f"{entry.strip()!r} is no LENGTH:COUNT; for example imix, or 40:7,576:4,1500:1")
        pairs.append((int(length), int(count) if colon else 1))
        if not 1 <= pairs[-1][0] <= 65535 or not 1 <= pairs[-1][1] <= 1_000_000:
            raise WrongStack(f"{entry.strip()!r}: a length is 1 to 65535 bytes, a count 1 to 1000000")
    return tuple(pairs)
