"""The link that a tunnel's outermost packets leave by, with its MTU and what it puts around them.

The source interface if one is named; else the interface that has the local address, unless that is a dummy or the
loopback; else where the routes to the remote address lead; else the default route. An interface without a
configured MTU has 1500. A VLAN is no larger than its parent; PPPoE counts its 8 bytes on the parent's MTU.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.address import Address
from sapper.kernel.plan import Link
from sapper.mtu.plan_index import NOT_ON_THE_WIRE, PlanIndex

DEFAULT_MTU = 1500
PPPOE_BYTES = 8
_MOST_PARENTS = 4


class Underlay(NamedTuple):
    """``mtu`` is the MTU that ``layers`` (outermost first) stand on; ``link`` None: not known, taken as Ethernet."""

    link: str | None
    mtu: int
    layers: tuple[str, ...] = ()


def underlay_of(index: PlanIndex, named: str | None, local: Address | None, remote: Address | None) -> Underlay:
    """The underlay of packets from ``local`` to ``remote``."""
    found = index.links.get(named) if named else None
    if found is None and local is not None:
        found = index.owner(local)
    if found is None or found.kind in NOT_ON_THE_WIRE:
        found = _towards(index, remote, (local or remote)) or index.only_wire
    return _describe(index, found) if found else Underlay(None, DEFAULT_MTU)


def _describe(index: PlanIndex, link: Link, depth: int = 0) -> Underlay:
    """``depth`` ends the search where parents name each other in a circle."""
    mtu = link.mtu_bytes or DEFAULT_MTU
    parent = index.links.get(link.parent) if link.parent and depth < _MOST_PARENTS else None
    below = _describe(index, parent, depth + 1) if parent else Underlay(None, DEFAULT_MTU)
    if link.kind == "vlan":
        base = below.layers or ("ethernet",)
        return Underlay(link.name, min(link.mtu_bytes or below.mtu, below.mtu), (*base, "vlan"))
    if link.kind == "pppoe":
        return Underlay(link.name, min(below.mtu, mtu + PPPOE_BYTES), (*below.layers, "pppoe"))
    if link.kind == "bridge":
        members = [member.mtu_bytes or DEFAULT_MTU for member in index.members.get(link.name, ())]
        return Underlay(link.name, min([link.mtu_bytes or min(members, default=DEFAULT_MTU), *members]))
    return Underlay(link.name, mtu)


def _towards(index: PlanIndex, remote: Address | None, either: Address | None) -> Link | None:
    """Where the main table sends packets for ``remote``, or by default where that is not known."""
    if remote is not None:
        way = index.way(remote)
    else:
        way = index.default_way(either.family if either is not None else None)
    return index.links.get(way) if way is not None else None
