"""Addresses of devices: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR.

IPv6 addresses are added with IFA_F_NODAD: duplicate address detection would keep a lab's or a router's address
tentative for a second, in which nothing can be sent from it. Source: include/uapi/linux/if_addr.h.
"""

from __future__ import annotations

import struct

import msgspec

from sapper.address import Address, Attached
from sapper.live.netlink.attribute import address_of, attribute, parse_attributes, u32, u32_of
from sapper.live.netlink.family import AF_INET6, af_of
from sapper.live.netlink.message import NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REPLACE, Request

RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_FLAGS = 1, 2, 4, 8
IFA_F_NODAD = 0x02  # IPv6: no duplicate address detection
IFA_F_PERMANENT = 0x80  # of answers: not learnt
RT_SCOPE_UNIVERSE, RT_SCOPE_LINK, RT_SCOPE_HOST = 0, 253, 254

_HEAD = struct.Struct("=BBBBI")  # family, prefix length, flags, scope, index


class AddressMessage(msgspec.Struct, frozen=True, kw_only=True):
    """``index`` is the device's."""

    index: int
    attached: Attached
    flags: int = 0
    scope: int = RT_SCOPE_UNIVERSE


def encode_address(message: AddressMessage) -> bytes:
    address = message.attached.address
    head = _HEAD.pack(
        af_of(address.family), message.attached.length, message.flags & 0xFF, message.scope, message.index
    )
    parts = [head, attribute(IFA_LOCAL, address.packed), attribute(IFA_ADDRESS, address.packed)]
    if address.family == 4 and message.attached.length < 31:
        parts.append(attribute(IFA_BROADCAST, _broadcast(message.attached).packed))
    parts.append(u32(IFA_FLAGS, message.flags))
    return b"".join(parts)


def decode_address(payload: bytes) -> AddressMessage:
    """The record of an RTM_NEWADDR payload. Raises ValueError for bytes that are none."""
    if len(payload) < _HEAD.size:
        raise ValueError("an address message that is too short")
    family, length, flags, scope, index = _HEAD.unpack_from(payload)
    attributes = parse_attributes(payload, _HEAD.size)
    address = address_of(attributes.get(IFA_LOCAL) or attributes.get(IFA_ADDRESS))
    if address is None or (family == AF_INET6) != (address.family == 6):
        raise ValueError("an address message without a fitting address")
    wide = u32_of(attributes.get(IFA_FLAGS))
    return AddressMessage(
        index=index, attached=Attached(address, length), flags=flags if wide is None else wide, scope=scope
    )


def add_address(index: int, name: str, attached: Attached) -> Request:
    """Give the device the address; one that it has already stays."""
    return Request(
        RTM_NEWADDR,
        NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
        encode_address(_message(index, attached)),
        f"address {attached} on link {name}",
    )


def delete_address(index: int, name: str, attached: Attached) -> Request:
    return Request(
        RTM_DELADDR, NLM_F_ACK, encode_address(_message(index, attached)), f"address {attached} on link {name}"
    )


def list_addresses() -> Request:
    """Dump every address of the namespace; the answers are for :func:`decode_address`."""
    return Request(RTM_GETADDR, NLM_F_DUMP, _HEAD.pack(0, 0, 0, 0, 0), "the addresses")


def _message(index: int, attached: Attached) -> AddressMessage:
    v6 = attached.address.family == 6
    scope = RT_SCOPE_HOST if attached.address.value >> 24 == 127 and not v6 else RT_SCOPE_UNIVERSE
    return AddressMessage(index=index, attached=attached, flags=IFA_F_NODAD if v6 else 0, scope=scope)


def _broadcast(attached: Attached) -> Address:
    return Address(4, attached.prefix.last)
