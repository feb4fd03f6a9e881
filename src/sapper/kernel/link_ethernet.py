"""``interfaces ethernet`` and its VLANs: devices that are there, and 802.1Q devices on them."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership
from sapper.kernel.plan import Link
from sapper.model.router import Router


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for ethernet in router.ethernets:
        yield Link(
            name=ethernet.name,
            kind="vlan" if ethernet.parent else "ethernet",
            up=not ethernet.disabled,
            mtu_bytes=ethernet.mtu_bytes,
            addresses=ethernet.addresses,
            dynamic=bool(ethernet.dynamic),
            master=membership.master(ethernet.name, ethernet.options),
            parent=ethernet.parent,
            vlan=ethernet.vlan,
        )
