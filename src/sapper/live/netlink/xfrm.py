"""What XFRM policies and states share: selectors, lifetimes, modes.

Structures are in host byte order, but addresses and ports, which are in network order. An address field has 16 bytes
in either family; the family stands elsewhere. A selector of family 0 matches everything (strongSwan's tunnel mode
states have it). Source: include/uapi/linux/xfrm.h, net/xfrm/xfrm_user.c.
"""

from __future__ import annotations

import struct
from typing import Literal

import msgspec

from sapper.address import Address, Family, Prefix
from sapper.live.netlink.family import af_of, family_of

XFRMA_ALG_AUTH, XFRMA_ALG_CRYPT, XFRMA_ENCAP, XFRMA_TMPL = 1, 2, 4, 5
XFRMA_ALG_AEAD, XFRMA_ALG_AUTH_TRUNC, XFRMA_IF_ID = 18, 20, 31

Mode = Literal["transport", "tunnel", "beet"]
MODE_NUMBERS: dict[Mode, int] = {"transport": 0, "tunnel": 1, "beet": 4}
MODE_NAMES: dict[int, Mode] = {number: name for name, number in MODE_NUMBERS.items()}

XFRM_INF = (1 << 64) - 1  # no limit

SELECTOR_BYTES = 56
LIFETIME = struct.Struct("=8Q")  # soft and hard limits: bytes, packets, seconds after adding, after first use
CURRENT = struct.Struct("=4Q")  # bytes, packets, time added, time of first use

_PORTS = struct.Struct("!4H")  # destination, its mask, source, its mask
_REST = struct.Struct("=HBBB3xiI")  # family, prefix lengths (destination, source), protocol, device, user


class XfrmSelector(msgspec.Struct, frozen=True, kw_only=True):
    """Which packets: ``protocol`` 0 is any, a port of which the mask is 0 is any. For ICMP ports are type and code."""

    source: Prefix
    destination: Prefix
    protocol: int = 0
    source_port: int = 0
    source_port_mask: int = 0
    destination_port: int = 0
    destination_port_mask: int = 0
    device: int = 0


def encode_selector(selector: XfrmSelector | None) -> bytes:
    """56 bytes; None is the selector that matches everything. Raises ValueError for mixed families."""
    if selector is None:
        return bytes(SELECTOR_BYTES)
    source, destination = selector.source, selector.destination
    if source.family != destination.family:
        raise ValueError(f"a selector from {source} to {destination}")
    ports = _PORTS.pack(
        selector.destination_port,
        selector.destination_port_mask,
        selector.source_port,
        selector.source_port_mask,
    )
    rest = _REST.pack(
        af_of(source.family), destination.length, source.length, selector.protocol, selector.device, 0
    )
    return packed16(destination.network) + packed16(source.network) + ports + rest


def decode_selector(buffer: bytes, offset: int = 0) -> XfrmSelector | None:
    """The selector at ``offset``, None for one of family 0."""
    af, to_length, from_length, protocol, device, _ = _REST.unpack_from(buffer, offset + 40)
    if af == 0:
        return None
    family = family_of(af)
    ports = _PORTS.unpack_from(buffer, offset + 32)
    return XfrmSelector(
        source=Prefix(family, unpacked16(family, buffer, offset + 16).value, from_length),
        destination=Prefix(family, unpacked16(family, buffer, offset).value, to_length),
        protocol=protocol,
        destination_port=ports[0],
        destination_port_mask=ports[1],
        source_port=ports[2],
        source_port_mask=ports[3],
        device=device,
    )


def encode_lifetime(hard_seconds: int | None) -> bytes:
    """Limits: none but the seconds after which the kernel deletes the object."""
    limit = hard_seconds or 0  # 0 seconds is no limit, unlike 0 bytes
    return LIFETIME.pack(XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, limit, 0, 0)


def decode_lifetime(buffer: bytes, offset: int) -> int | None:
    """The hard limit in seconds after adding, or None."""
    return LIFETIME.unpack_from(buffer, offset)[5] or None


def mode_of(number: int) -> Mode:
    """The name of a mode. Raises ValueError for one that sapper does not know."""
    if number not in MODE_NAMES:
        raise ValueError(f"XFRM mode {number}")
    return MODE_NAMES[number]


def packed16(address: Address) -> bytes:
    return address.packed.ljust(16, b"\0")


def unpacked16(family: Family, buffer: bytes, offset: int) -> Address:
    return Address(family, int.from_bytes(buffer[offset : offset + (4 if family == 4 else 16)], "big"))
