"""``interfaces dummy``: an address that no network holds, such as the end of a tunnel."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership
from sapper.kernel.plan import Link
from sapper.model.router import Router


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for dummy in router.dummies:
        yield Link(
            name=dummy.name,
            kind="dummy",
            up=not dummy.disabled,
            mtu_bytes=dummy.mtu_bytes,
            addresses=dummy.addresses,
            master=membership.master(dummy.name, dummy.options),
        )
