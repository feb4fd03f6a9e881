"""A Plan's link as rtnetlink messages: one that creates it, and those that finish it once every link exists.

Pure but for :func:`link_indexes`. The Plan's kinds are the kernel's kinds, except that ``ethernet`` and ``loopback``
are never created. Source: VyOS sets multicast off on its tunnels unless the configuration wants it, so the flag is
part of what is created.
"""

from __future__ import annotations

from collections.abc import Mapping

from sapper.kernel.plan import TUNNEL_KINDS, Link
from sapper.live.netlink.connection import NetlinkConnection
from sapper.live.netlink.link import IFF_MULTICAST, LinkMessage, decode_link, list_links
from sapper.live.netlink.tunnel import encode_encapsulating, encode_vlan, encode_xfrm


def link_indexes(connection: NetlinkConnection) -> dict[str, int]:
    """Every device of the namespace by name."""
    links = (decode_link(answer.payload) for answer in connection.dump(list_links()))
    return {link.name: link.index for link in links if link.name is not None}


def creation(link: Link, indexes: Mapping[str, int]) -> LinkMessage:
    """The message that creates the link. ``indexes`` has the device below it, if it has one.

    Raises ValueError for a kind that has no encoding, and for one without what it needs.
    """
    data, below = b"", None
    if link.encapsulating is not None:
        outer = link.encapsulating
        data = encode_encapsulating(link.kind, outer, indexes[outer.link] if outer.link else None)
    elif link.kind == "xfrm":
        data = encode_xfrm(link.if_id or 0, indexes[link.parent] if link.parent else None)
    elif link.kind == "vlan":
        if link.vlan is None or link.parent is None:
            raise ValueError("a VLAN without an identifier or a device below")
        data, below = encode_vlan(link.vlan), indexes[link.parent]
    flags, change = _multicast(link)
    return LinkMessage(
        name=link.name, kind=link.kind, data=data, below=below, mtu_bytes=link.mtu_bytes, flags=flags, change=change
    )


def finishing(link: Link, indexes: Mapping[str, int]) -> list[LinkMessage]:
    """What is set on a link that exists: its MTU and multicast flag, and the bridge it belongs to."""
    index = indexes[link.name]
    flags, change = _multicast(link)
    master = None if link.master is None else indexes[link.master]
    if link.mtu_bytes is None and master is None and not change:
        return []
    return [LinkMessage(index=index, mtu_bytes=link.mtu_bytes, master=master, flags=flags, change=change)]


def _multicast(link: Link) -> tuple[int, int]:
    """Flags and change mask: tunnels get what the Plan says, other devices keep their own unless it is off."""
    if link.kind in TUNNEL_KINDS:
        return (IFF_MULTICAST if link.multicast else 0), IFF_MULTICAST
    return (0, 0) if link.multicast or link.kind == "loopback" else (0, IFF_MULTICAST)
