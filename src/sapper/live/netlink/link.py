"""Network devices: RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK, RTM_GETLINK.

A :class:`LinkMessage` carries only what it says: a field that is None is not sent and was not received. ``flags``
counts only where ``change`` has the bit. ``data`` is the kind's own attributes (:mod:`sapper.live.netlink.tunnel`).
Source: struct ifinfomsg in include/uapi/linux/rtnetlink.h, include/uapi/linux/if_link.h, net/core/rtnetlink.c.
"""

from __future__ import annotations

import struct

import msgspec

from sapper.live.netlink.attribute import attribute, parse_attributes, text, text_of, u8, u32, u32_of
from sapper.live.netlink.message import NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request

RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK = 16, 17, 18, 19

IFF_UP = 0x1  # administratively up, include/uapi/linux/if.h
IFF_RUNNING = 0x40  # operational
IFF_MULTICAST = 0x1000

IFLA_IFNAME = 3
IFLA_MTU = 4
IFLA_LINK = 5  # the device below
IFLA_MASTER = 10  # the bridge it belongs to
IFLA_OPERSTATE = 16
IFLA_LINKINFO = 18
IFLA_NET_NS_FD = 28
IFLA_INFO_KIND = 1  # in IFLA_LINKINFO
IFLA_INFO_DATA = 2
VETH_INFO_PEER = 1  # in IFLA_INFO_DATA of a veth, drivers/net/veth.c

_INFO = struct.Struct("=BxHiII")  # family, device type, index, flags, change


class LinkMessage(msgspec.Struct, frozen=True, kw_only=True):
    """``below`` is the index of the device below, ``master`` of the bridge (0: none), ``operstate`` RFC 2863's."""

    index: int = 0
    name: str | None = None
    kind: str | None = None
    flags: int = 0
    change: int = 0
    mtu_bytes: int | None = None
    below: int | None = None
    master: int | None = None
    operstate: int | None = None
    netns_fd: int | None = None
    data: bytes = b""

    @property
    def up(self) -> bool:
        return bool(self.flags & IFF_UP)


def encode_link(message: LinkMessage) -> bytes:
    """The payload: ifinfomsg and the attributes that the message has."""
    parts = [_INFO.pack(0, 0, message.index, message.flags, message.change)]
    if message.name is not None:
        parts.append(text(IFLA_IFNAME, message.name))
    for kind, number in (
        (IFLA_MTU, message.mtu_bytes),
        (IFLA_LINK, message.below),
        (IFLA_MASTER, message.master),
        (IFLA_NET_NS_FD, message.netns_fd),
    ):
        if number is not None:
            parts.append(u32(kind, number))
    if message.operstate is not None:
        parts.append(u8(IFLA_OPERSTATE, message.operstate))
    if message.kind is not None:
        info = text(IFLA_INFO_KIND, message.kind)
        if message.data:
            info += attribute(IFLA_INFO_DATA, message.data)
        parts.append(attribute(IFLA_LINKINFO, info))
    return b"".join(parts)


def decode_link(payload: bytes) -> LinkMessage:
    """The record of an RTM_NEWLINK payload. Raises ValueError for bytes that are none."""
    if len(payload) < _INFO.size:
        raise ValueError("a link message that is too short")
    _, _, index, flags, change = _INFO.unpack_from(payload)
    attributes = parse_attributes(payload, _INFO.size)
    info = parse_attributes(attributes.get(IFLA_LINKINFO, b""))
    operstate = attributes.get(IFLA_OPERSTATE)
    return LinkMessage(
        index=index,
        name=text_of(attributes[IFLA_IFNAME]) if IFLA_IFNAME in attributes else None,
        kind=text_of(info[IFLA_INFO_KIND]) if IFLA_INFO_KIND in info else None,
        flags=flags,
        change=change,
        mtu_bytes=u32_of(attributes.get(IFLA_MTU)),
        below=u32_of(attributes.get(IFLA_LINK)),
        master=u32_of(attributes.get(IFLA_MASTER)),
        operstate=operstate[0] if operstate else None,
        netns_fd=u32_of(attributes.get(IFLA_NET_NS_FD)),
        data=info.get(IFLA_INFO_DATA, b""),
    )


def create_link(message: LinkMessage) -> Request:
    """Create a device of ``message.kind``; refused if the name is taken."""
    flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
    return Request(RTM_NEWLINK, flags, encode_link(message), f"link {message.name}")


def create_veth(name: str, peer: str, *, netns_fd: int | None = None, peer_netns_fd: int | None = None) -> Request:
    """Create a veth pair, each end in the namespace of its descriptor, or in this one."""
    other = encode_link(LinkMessage(name=peer, netns_fd=peer_netns_fd))
    data = attribute(VETH_INFO_PEER, other)
    return create_link(LinkMessage(name=name, kind="veth", netns_fd=netns_fd, data=data))


def change_link(message: LinkMessage, name: str) -> Request:
    """Change the device of ``message.index``; ``name`` is for people."""
    return Request(RTM_SETLINK, NLM_F_ACK, encode_link(message), f"link {name}")


def set_link_up(index: int, name: str, *, up: bool) -> Request:
    """Raise or lower the device of that index."""
    return change_link(LinkMessage(index=index, flags=IFF_UP if up else 0, change=IFF_UP), name)


def move_link(index: int, name: str, netns_fd: int) -> Request:
    """Move the device of that index into the namespace that the descriptor is open on."""
    return change_link(LinkMessage(index=index, netns_fd=netns_fd), name)


def delete_link(index: int, name: str) -> Request:
    return Request(RTM_DELLINK, NLM_F_ACK, encode_link(LinkMessage(index=index)), f"link {name}")


def list_links() -> Request:
    """Dump every device of the namespace; the answers are for :func:`decode_link`."""
    return Request(RTM_GETLINK, NLM_F_DUMP, encode_link(LinkMessage()), "the links")
