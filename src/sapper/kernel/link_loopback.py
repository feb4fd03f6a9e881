"""``interfaces loopback lo``: the device is always there."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership
from sapper.kernel.plan import Link
from sapper.model.router import Router


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for loopback in router.loopbacks:
        yield Link(name=loopback.name, kind="loopback", addresses=loopback.addresses)
