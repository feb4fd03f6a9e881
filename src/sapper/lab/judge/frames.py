"""What a frame on a wire says: which probe it carries, whether ESP protects it, and its outermost header.

Every cipher of the judge is null, so the number of a probe is readable inside ESP as well. What the router itself says
about a packet (an ICMP error that quotes it, the answer to an echo request) is no way of that packet, and is left out.
Never raises: a wire carries anything.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import NamedTuple

from sapper.address import Address
from sapper.lab.inside.judge import MAGIC
from sapper.lab.judge.ending import Ending

_VLAN, _IPV4, _IPV6, _ETHERNET = 0x8100, 0x0800, 0x86DD, 0x6558
_ERSPAN = {0x88BE: 8, 0x22EB: 12}
_OPTIONS = frozenset({0, 43, 60})
_ICMP, _IPIP, _IPV6_IN, _GRE, _ESP, _ICMP6 = 1, 4, 41, 47, 50, 58
_UDP, _ETHERNET_IN_UDP = 17, frozenset({4789, 6081})
_REQUEST = {_ICMP: 8, _ICMP6: 128}
_DEEPEST = 20


class Header(NamedTuple):
    source: Address
    destination: Address
    protocol: int
    payload: bytes


class Chain(NamedTuple):
    """The protocols of the headers from the outside inwards, as far as they can be read."""

    protocols: tuple[int, ...]
    own_words: bool
    """The router speaks about a packet; it does not send it."""


def number_of(frame: bytes) -> int | None:
    """The probe's number in a frame."""
    at = frame.find(MAGIC)
    return int.from_bytes(frame[at + len(MAGIC) : at + len(MAGIC) + 4], "big") if at >= 0 else None


def ending_of(wire: str, frame: bytes, vlans: Mapping[tuple[str, int], str] | None = None) -> Ending | None:
    """How the packet in a frame ended; None for a frame that is no probe's."""
    try:
        ethertype, at = int.from_bytes(frame[12:14], "big"), 14
        if ethertype == _VLAN:
            vlan = int.from_bytes(frame[14:16], "big") & 0xFFF
            wire = (vlans or {}).get((wire, vlan), f"{wire}.{vlan}")
            ethertype, at = int.from_bytes(frame[16:18], "big"), 18
        header = _ip(ethertype, frame[at:])
        if header is None:
            return None
        chain = _chain(header.protocol, header.payload)
    except (struct.error, IndexError):
        return None
    if chain.own_words:
        return None
    return Ending(
        "wire",
        wire,
        _ESP in chain.protocols,
        str(header.source),
        str(header.destination),
        header.protocol,
    )


def _ip(ethertype: int, data: bytes) -> Header | None:
    if ethertype == _IPV4 and data[0] >> 4 == 4:
        start, total, protocol = (data[0] & 0xF) * 4, *struct.unpack_from("!2xH5xB", data)
        source, destination = struct.unpack_from("!12xII", data)
        return Header(Address(4, source), Address(4, destination), protocol, data[start:total])
    if ethertype == _IPV6 and data[0] >> 4 == 6:
        length, protocol, source, destination = struct.unpack_from("!4xHBx16s16s", data)
        payload = data[40 : 40 + length]
        while protocol in _OPTIONS:
            protocol, payload = payload[0], payload[(payload[1] + 1) * 8 :]
        return Header(_address6(source), _address6(destination), protocol, payload)
    return None


def _address6(data: bytes) -> Address:
    return Address(6, int.from_bytes(data, "big"))


def _chain(protocol: int, payload: bytes) -> Chain:
    found: list[int] = []
    for _ in range(_DEEPEST):
        found.append(protocol)
        if protocol in _REQUEST:
            return Chain(tuple(found), payload[0] != _REQUEST[protocol])
        below = _below(protocol, payload)
        if below is None:
            break
        protocol, payload = below
    return Chain(tuple(found), False)


def _below(protocol: int, payload: bytes) -> tuple[int, bytes] | None:
    """The next header inwards, None where there is none that can be read."""
    if protocol == _ESP:
        padding, carries = payload[-2], payload[-1]
        return carries, payload[8 : len(payload) - 2 - padding]
    if protocol in (_IPIP, _IPV6_IN):
        header = _ip(_IPV4 if protocol == _IPIP else _IPV6, payload)
        return (header.protocol, header.payload) if header is not None else None
    if protocol == _UDP and int.from_bytes(payload[2:4], "big") in _ETHERNET_IN_UDP:
        header = _ip(int.from_bytes(payload[28:30], "big"), payload[30:])
        return (header.protocol, header.payload) if header is not None else None
    if protocol == _GRE:
        flags, carried = struct.unpack_from("!HH", payload)
        inside = payload[4 + sum(4 for bit in (0x8000, 0x2000, 0x1000) if flags & bit) :]
        if carried in _ERSPAN:
            carried, inside = _ETHERNET, inside[_ERSPAN[carried] :]
        if carried == _ETHERNET:
            carried, inside = int.from_bytes(inside[12:14], "big"), inside[14:]
        header = _ip(carried, inside) if inside else None
        return (header.protocol, header.payload) if header is not None else None
    return None
