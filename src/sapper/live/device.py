"""A Plan's link as rtnetlink messages: one that creates it, and those that finish it once every link exists.

Pure but for :func:`link_indexes`. The Plan's kinds are the kernel's kinds, except that ``ethernet``, ``loopback`` and
``pppoe`` are never created, and that an L2TPv3 device is created by its session. A new kind is one line in the list of
encoders here. Source: VyOS sets multicast off on its tunnels unless the configuration wants it, so the flag is part of
what is created.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sapper.kernel.plan import TUNNEL_KINDS, Link
from sapper.live.netlink.bridge_port import map_vlans
from sapper.live.netlink.connection import NetlinkConnection
from sapper.live.netlink.geneve import encode_geneve
from sapper.live.netlink.link import IFF_MULTICAST, LinkMessage, decode_link, list_links
from sapper.live.netlink.message import Request
from sapper.live.netlink.tunnel import encode_encapsulating, encode_vlan, encode_vrf, encode_xfrm
from sapper.live.netlink.vxlan import encode_vxlan, further_remotes

Indexes = Mapping[str, int]


def link_indexes(connection: NetlinkConnection) -> dict[str, int]:
    """Every device of the namespace by name."""
    links = (decode_link(answer.payload) for answer in connection.dump(list_links()))
    return {link.name: link.index for link in links if link.name is not None}


def below(link: Link) -> str | None:
    """The device that must be there before the link can be created."""
    if link.encapsulating is not None:
        return link.encapsulating.link
    return link.vxlan.link if link.vxlan is not None else link.parent


def creation(link: Link, indexes: Indexes) -> LinkMessage:
    """The message that creates the link. ``indexes`` has the device below it, if it has one.

    Raises ValueError for one without what it needs.
    """
    encode = _ENCODERS.get(link.kind)
    if encode is None and link.kind in TUNNEL_KINDS:
        encode = _tunnel
    flags, change = _multicast(link)
    return LinkMessage(
        name=link.name,
        kind=link.kind,
        data=encode(link, indexes) if encode else b"",
        below=indexes[link.parent] if link.kind == "vlan" and link.parent else None,
        mtu_bytes=link.mtu_bytes,
        flags=flags,
        change=change,
    )


def finishing(link: Link, indexes: Indexes) -> list[LinkMessage]:
    """What is set on a link that exists: its MTU and multicast flag, and the bridge or VRF it belongs to."""
    index = indexes[link.name]
    flags, change = _multicast(link)
    master = None if link.master is None else indexes[link.master]
    if link.mtu_bytes is None and master is None and not change:
        return []
    return [LinkMessage(index=index, mtu_bytes=link.mtu_bytes, master=master, flags=flags, change=change)]


def forwarding(link: Link, indexes: Indexes) -> Iterator[Request]:
    """What a VXLAN device needs beside its header: entries for further remotes, and VLANs with their identifiers."""
    if link.vxlan is not None:
        yield from further_remotes(link.vxlan, indexes[link.name], link.name)
        yield from map_vlans(link.vxlan.vlan_to_vni, indexes[link.name], link.name)


def _tunnel(link: Link, indexes: Indexes) -> bytes:
    outer = link.encapsulating
    if outer is None:
        raise ValueError("a tunnel without ends")
    return encode_encapsulating(link.kind, outer, indexes[outer.link] if outer.link else None)


def _xfrm(link: Link, indexes: Indexes) -> bytes:
    return encode_xfrm(link.if_id or 0, indexes[link.parent] if link.parent else None)


def _vlan(link: Link, indexes: Indexes) -> bytes:
    if link.vlan is None or link.parent is None:
        raise ValueError("a VLAN without an identifier or a device below")
    return encode_vlan(link.vlan)


def _vrf(link: Link, indexes: Indexes) -> bytes:
    if link.vrf_table is None:
        raise ValueError("a VRF without a table")
    return encode_vrf(link.vrf_table)


def _vxlan(link: Link, indexes: Indexes) -> bytes:
    header = link.vxlan
    if header is None:
        raise ValueError("a VXLAN device without a header")
    return encode_vxlan(header, indexes[header.link] if header.link else None)


def _geneve(link: Link, indexes: Indexes) -> bytes:
    if link.geneve is None:
        raise ValueError("a GENEVE device without a far end or an identifier")
    return encode_geneve(link.geneve)


# Kinds without attributes of their own (dummy, bridge, wireguard) need no encoder.
_ENCODERS: dict[str, Callable[[Link, Indexes], bytes]] = {
    "xfrm": _xfrm,
    "vlan": _vlan,
    "vrf": _vrf,
    "vxlan": _vxlan,
    "geneve": _geneve,
}


def _multicast(link: Link) -> tuple[int, int]:
    """Flags and change mask: tunnels get what the Plan says, other devices keep their own unless it is off."""
    if link.kind in TUNNEL_KINDS:
        return (IFF_MULTICAST if link.multicast else 0), IFF_MULTICAST
    return (0, 0) if link.multicast or link.kind == "loopback" else (0, IFF_MULTICAST)
