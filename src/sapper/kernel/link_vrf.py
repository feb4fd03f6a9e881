"""``vrf name``: a device that gives its members a routing table of their own."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership
from sapper.kernel.plan import Link
from sapper.model.router import Router


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for vrf in router.vrfs:
        yield Link(name=vrf.name, kind="vrf", up=not vrf.disabled, vrf_table=vrf.table)
