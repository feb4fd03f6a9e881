"""The packet that an attacker in front of a router sends: the tunnel's own encapsulation, in clear, with a token in it.

Only header layouts that the sender needs: IPv4 (RFC 791), IPv6 (RFC 8200), UDP (RFC 768), GRE with an optional key
(RFC 2784, RFC 2890).
"""

from __future__ import annotations

import struct

from sapper.address import Address
from sapper.kernel.plan import Link

_UDP = 17
_TTL = 64
_GRE_KEY_PRESENT = 0x2000
_ETHERTYPE = {4: 0x0800, 6: 0x86DD}


def forged(link: Link, local: Address, token: str, port: int) -> bytes | None:
    """An outer packet towards the tunnel ``link`` whose inner datagram goes to the tunnel's own address.

    None where sapper has no such packet: a device without inner address, a layer 2 device, an xfrm interface.
    """
    wrapping = link.encapsulating
    if wrapping is None or wrapping.remote is None or link.kind in ("gretap", "ip6gretap", "erspan", "ip6erspan"):
        return None
    # Outside of GRE, which names what it carries, the outer protocol says it: IPv4 is 4, IPv6 is 41.
    carried = {4: 4, 41: 6}.get(wrapping.protocol)
    inside = next((item for item in link.addresses if carried in (None, item.address.family)), None)
    if inside is None:
        return None
    neighbour = Address(
        inside.address.family, _other(inside.prefix.first, inside.prefix.last, inside.address.value)
    )
    inner = datagram(neighbour, inside.address, (token + "|").encode().ljust(64, b"."), port)
    if wrapping.protocol == 47:
        inner = _gre(wrapping.key, inside.address.family) + inner
    return packet(wrapping.remote, local, wrapping.protocol, inner)


def _other(first: int, last: int, own: int) -> int:
    """An address of the same network that is not the router's own."""
    for value in (first + 2, first + 1, first):
        if value <= last and value != own:
            return value
    return own ^ 1


def _gre(key: int | None, family: int) -> bytes:
    flags = _GRE_KEY_PRESENT if key is not None else 0
    return struct.pack("!HH", flags, _ETHERTYPE[family]) + (struct.pack("!I", key) if key is not None else b"")


def datagram(source: Address, destination: Address, payload: bytes, port: int) -> bytes:
    """A UDP packet with its IP header."""
    length = 8 + len(payload)
    header = struct.pack("!HHHH", port, port, length, 0)
    pseudo = source.packed + destination.packed + struct.pack("!IHBB", length, 0, 0, _UDP)
    summed = checksum(pseudo + header + payload) or 0xFFFF
    return packet(source, destination, _UDP, struct.pack("!HHHH", port, port, length, summed) + payload)


def packet(source: Address, destination: Address, protocol: int, payload: bytes) -> bytes:
    """An IP packet of the addresses' family."""
    if destination.family == 6:
        header = struct.pack("!IHBB", 6 << 28, len(payload), protocol, _TTL)
        return header + source.packed + destination.packed + payload
    fields = (0x45, 0, 20 + len(payload), 0, 0, _TTL, protocol)
    bare = struct.pack("!BBHHHBBH", *fields, 0) + source.packed + destination.packed
    summed = struct.pack("!BBHHHBBH", *fields, checksum(bare)) + source.packed + destination.packed
    return summed + payload


def checksum(data: bytes) -> int:
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    folded: int = ~total & 0xFFFF
    return folded
