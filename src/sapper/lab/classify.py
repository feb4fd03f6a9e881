"""Which kind a frame on a wire is: ESP, a tunnel's packet in clear, an inner packet in clear, IKE, or something else.

Decided by headers and by the probe's token alone, never by what a sender believed to have sent. ESP in UDP and IKE
share port 4500; the non-ESP marker tells them apart (RFC 3948 2.2). Never raises: a wire carries anything, and what
is cut short or no IP is ``other``. Header chains: RFC 8200 4, RFC 4302 2 (AH is no encryption); VLAN tags: 802.1Q.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from sapper.address import Address
from sapper.lab.result import PacketClass

_TOKEN = re.compile(rb"(sapper:[^|]{1,400})\|")
_IPV4, _IPV6, _VLANS = 0x0800, 0x86DD, frozenset({0x8100, 0x88A8})
_UDP, _ESP, _AH, _ICMP, _ICMP6, _FRAGMENT = 17, 50, 51, 1, 58, 44
_OPTIONS = frozenset({0, 43, 60})  # hop-by-hop, routing, destination (RFC 2473's encapsulation limit)
_ENCAPSULATING = frozenset({4, 41, 47, 115})
_IKE_PORT, _NAT_T_PORT = 500, 4500
# Messages that quote the packet that they are about (RFC 792, RFC 4443 3, RFC 4861 4.5).
_QUOTING = {_ICMP: frozenset({3, 4, 5, 11, 12}), _ICMP6: frozenset({1, 2, 3, 4, 137})}


class _Packet(NamedTuple):
    """What an IP packet carries, below every option: ``first`` unless it is a later fragment."""

    destination: Address
    protocol: int
    payload: bytes
    first: bool


def token_of(frame: bytes) -> str | None:
    """The probe's token in a frame, None for an encrypted or a foreign one."""
    found = _TOKEN.search(frame)
    return found.group(1).decode(errors="replace") if found else None


def classify(frame: bytes) -> tuple[PacketClass, Address | None]:
    """The kind of a frame, and the destination of its outermost IP header (None without one)."""
    try:
        packet = _packet(frame)
    except (struct.error, IndexError):
        packet = None
    return (_kind(packet, frame), packet.destination) if packet is not None else ("other", None)


def _packet(frame: bytes) -> _Packet | None:
    at = 12
    while int.from_bytes(frame[at : at + 2], "big") in _VLANS:
        at += 4
    ethertype, data = int.from_bytes(frame[at : at + 2], "big"), frame[at + 2 :]
    if not data or (ethertype, data[0] >> 4) not in ((_IPV4, 4), (_IPV6, 6)):
        return None
    return _ipv4(data) if ethertype == _IPV4 else _ipv6(data)


def _ipv4(data: bytes) -> _Packet:
    start, total, fragment, protocol = (data[0] & 0xF) * 4, *struct.unpack_from("!2xH2xHxB", data)
    (destination,) = struct.unpack_from("!16xI", data)
    # A total length of 0 comes from segmentation offload.
    return _below(Address(4, destination), protocol, data[start : total or None], fragment & 0x1FFF == 0)


def _ipv6(data: bytes) -> _Packet:
    length, protocol, destination = struct.unpack_from("!4xHB17x16s", data)
    payload = data[40 : 40 + length if length else None]
    return _below(Address(6, int.from_bytes(destination, "big")), protocol, payload, True)


def _below(destination: Address, protocol: int, payload: bytes, first: bool) -> _Packet:
    """Past the headers that only lead to another; each step is shorter, so it ends."""
    while first and (protocol in _OPTIONS or protocol in (_FRAGMENT, _AH)):
        if protocol == _FRAGMENT:
            (fragment,) = struct.unpack_from("!2xH", payload)
            first, length = fragment >> 3 == 0, 8
        else:
            length = (payload[1] + 2) * 4 if protocol == _AH else (payload[1] + 1) * 8
        protocol, payload = payload[0], payload[length:]
    return _Packet(destination, protocol, payload, first)


def _kind(packet: _Packet, frame: bytes) -> PacketClass:
    if packet.protocol == _ESP:
        return "esp"
    if packet.protocol == _UDP and packet.first and len(packet.payload) >= 8:
        ports = struct.unpack_from("!HH", packet.payload)
        if _IKE_PORT in ports:
            return "ike"
        if _NAT_T_PORT in ports:
            return _nat_t(packet.payload[8:])
    quoting = packet.first and packet.payload[:1] and packet.payload[0] in _QUOTING.get(packet.protocol, ())
    if token_of(frame) is None or quoting:
        return "other"
    return "clear-outer" if packet.protocol in _ENCAPSULATING else "clear-inner"


def _nat_t(payload: bytes) -> PacketClass:
    if len(payload) <= 4:
        return "other"  # a keepalive
    return "ike" if payload[:4] == b"\0\0\0\0" else "esp"
