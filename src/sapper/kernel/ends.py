"""The outer ends of any tunnel device, whatever its kind: what is local, what is far, what it is bound to."""

from __future__ import annotations

from typing import NamedTuple

from sapper.address import Address
from sapper.kernel.plan import Link


class Ends(NamedTuple):
    """``local`` None: the kernel chooses. ``remotes`` is empty where far ends are found at run time."""

    local: Address | None
    remotes: tuple[Address, ...]
    link: str | None = None


def ends_of(link: Link) -> Ends | None:
    """The ends of a link that encapsulates; None for any other, and for an XFRM interface, whose ends are the SA's."""
    if link.encapsulating is not None:
        outer = link.encapsulating
        return Ends(outer.local, () if outer.remote is None else (outer.remote,), outer.link)
    if link.vxlan is not None:
        group = () if link.vxlan.group is None else (link.vxlan.group,)
        return Ends(link.vxlan.local, (*group, *link.vxlan.remotes), link.vxlan.link)
    if link.geneve is not None:
        return Ends(None, (link.geneve.remote,))
    if link.l2tp is not None:
        return Ends(link.l2tp.local, (link.l2tp.remote,))
    if link.wireguard is not None:
        return Ends(None, tuple(peer.endpoint for peer in link.wireguard.peers if peer.endpoint is not None))
    return None
