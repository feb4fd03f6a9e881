"""``interfaces vti``: an XFRM interface, which the updown script of its child raises and lowers (reference, 6 and 12)."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership
from sapper.kernel.plan import Link
from sapper.model.router import Router


def vti_if_id(name: str) -> int:
    """The xfrm interface id of ``vtiN``: N + 1, since 0 means none (VyOS, vti up/down script)."""
    digits = name.removeprefix("vti")
    return int(digits) + 1 if digits.isdigit() else 1


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for vti in router.vtis:
        yield Link(
            name=vti.name,
            kind="xfrm",
            up=False,
            mtu_bytes=vti.mtu_bytes,
            addresses=vti.addresses,
            master=membership.master(vti.name, vti.options),
            if_id=vti_if_id(vti.name),
            raised_by=None if vti.disabled else membership.raised_by.get(vti.name),
        )
