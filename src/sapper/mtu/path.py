"""The smallest MTU on a path that is given hop by hop.

A hop is a link's MTU, and what is put around packets on that hop: ``1500``, ``pppoe@1500``, ``ipv4/gre@1492``. What
fits a path is what fits its narrowest hop (RFC 8899 1.1).
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.mtu.misread import WrongStack
from sapper.mtu.parse import parse
from sapper.mtu.sizes import sizes
from sapper.mtu.stack import Stack

LEAST_LINK = 1
MOST_LINK = 65535


class Hop(NamedTuple):
    """``stack`` None: packets go as they are."""

    text: str
    link: int
    stack: Stack | None = None

    @property
    def room(self) -> int:
        """The largest packet that this hop takes. Raises NoRoom."""
        return sizes(self.stack).largest(self.link) if self.stack else self.link


def read_hop(text: str) -> Hop:
    """``MTU`` or ``STACK@MTU``. Raises WrongStack."""
    around, at, mtu = text.rpartition("@")
    if not mtu.isdecimal() or not mtu.isascii() or not LEAST_LINK <= int(mtu) <= MOST_LINK:
        raise WrongStack(f"{text!r} is no hop; write an MTU from {LEAST_LINK} to {MOST_LINK}, or STACK@MTU")
    return Hop(text, int(mtu), parse(around) if at else None)


def narrowest(hops: tuple[Hop, ...]) -> int:
    """The index of the first hop that takes the least. ValueError without any hop; NoRoom from a hop."""
    rooms = [hop.room for hop in hops]
    return rooms.index(min(rooms))
