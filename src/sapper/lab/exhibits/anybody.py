"""LEAK113: somebody whom the router has never heard of sends plain GRE, while the SA of the real peer is up."""

from __future__ import annotations

from sapper.address import Address
from sapper.lab.exhibits.exhibit import Shown
from sapper.lab.exhibits.look import bring_up
from sapper.lab.faults.attacked import Attacked
from sapper.lab.rig import Rig

_STRANGER = Address.parse("198.51.100.66")


def from_anybody(rig: Rig) -> Shown:
    """How many of the stranger's packets get in."""
    bring_up(rig)
    saw = Attacked(router="east", encapsulation="gre", claim=_STRANGER).apply(rig)
    count = saw["decapsulated"] or 0
    return Shown(count=count, words=f"up: gre {_STRANGER} -> east, {count} of {saw['injected']} got in")
