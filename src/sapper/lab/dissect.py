"""The headers of a frame, outermost first: every IP header down to what the innermost one carries.

Followed are VLAN tags (802.1Q), IPv6's extension headers (RFC 8200 4), AH (RFC 4302 2), IP in IP, GRE (RFC 2784,
RFC 2890), Ethernet in GRE, VXLAN (RFC 7348) and GENEVE (RFC 8926). Never raises: what is cut short ends the list.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from sapper.address import Address

IPV4, IPV6, ARP, _VLANS, _BRIDGED = 0x0800, 0x86DD, 0x0806, frozenset({0x8100, 0x88A8}), 0x6558
ICMP, IPIP, TCP, UDP, SIX, GRE, ESP, AH, ICMP6, OSPF, L2TP = 1, 4, 6, 17, 41, 47, 50, 51, 58, 89, 115
_FRAGMENT = 44
_OPTIONS = frozenset({0, 43, 60})  # hop-by-hop, routing, destination (RFC 2473's encapsulation limit)
_WITH_PORTS = frozenset({TCP, UDP, 33, 132, 136})  # DCCP, SCTP, UDP-Lite
VXLAN_PORTS, GENEVE_PORT = frozenset({4789, 8472}), 6081  # Linux took 8472 before RFC 7348 came
_DEEPEST = 6
_VERSION = {4: IPV4, 6: IPV6}


class Header(NamedTuple):
    """One IP header and what it carries: ``payload`` is what is below every option, whole unless not ``first``.

    ``first`` is false for a later fragment, which has no header of its protocol; ``ports`` are the source's and the
    destination's, None without.
    """

    source: Address
    destination: Address
    protocol: int
    payload: bytes
    first: bool

    @property
    def ports(self) -> tuple[int, int] | None:
        if self.protocol not in _WITH_PORTS or not self.first or len(self.payload) < 4:
            return None
        source, destination = struct.unpack_from("!HH", self.payload)
        return source, destination

    @property
    def bytes_of_udp(self) -> bytes | None:
        """What a UDP datagram carries; None for what is none."""
        whole = self.protocol == UDP and self.first and len(self.payload) >= 8
        return self.payload[8:] if whole else None


class Dissected(NamedTuple):
    """``ethertype`` is the one behind the tags, 0 for less than a header; ``headers`` is empty for what is no IP."""

    ethertype: int
    headers: tuple[Header, ...]

    @property
    def outer(self) -> Header | None:
        return self.headers[0] if self.headers else None


def dissect(frame: bytes) -> Dissected:
    """Every header of an Ethernet frame that can be read."""
    found: list[Header] = []
    try:
        ethertype = _ethernet(frame, found)
    except (struct.error, IndexError):
        ethertype = int.from_bytes(frame[12:14], "big")
    return Dissected(ethertype, tuple(found))


def _ethernet(frame: bytes, found: list[Header]) -> int:
    at = 12
    while int.from_bytes(frame[at : at + 2], "big") in _VLANS:
        at += 4
    ethertype = int.from_bytes(frame[at : at + 2], "big")
    _network(ethertype, frame[at + 2 :], found)
    return ethertype


def _network(ethertype: int, data: bytes, found: list[Header]) -> None:
    if ethertype == _BRIDGED:
        _ethernet(data, found)
    elif data and (ethertype, data[0] >> 4) in ((IPV4, 4), (IPV6, 6)) and len(found) < _DEEPEST:
        header = _ipv4(data) if ethertype == IPV4 else _ipv6(data)
        found.append(header)
        if header.first:
            _below_ip(header, found)


def _below_ip(header: Header, found: list[Header]) -> None:
    data = header.payload
    if header.protocol in (IPIP, SIX):
        _network(IPV4 if header.protocol == IPIP else IPV6, data, found)
    elif header.protocol == GRE:
        flags, carried = struct.unpack_from("!HH", data)
        if flags & 7 == 0:  # version 1 is PPTP's
            words = sum(bool(flags & bit) for bit in (0x8000, 0x2000, 0x1000))  # checksum, key, sequence number
            _network(carried, data[4 + 4 * words :], found)
    elif (carried_udp := header.bytes_of_udp) is not None and header.ports is not None:
        if header.ports[1] in VXLAN_PORTS:
            _ethernet(carried_udp[8:], found)
        elif header.ports[1] == GENEVE_PORT:
            (kind,) = struct.unpack_from("!2xH", carried_udp)
            _network(kind, carried_udp[8 + 4 * (carried_udp[0] & 0x3F) :], found)


def _ipv4(data: bytes) -> Header:
    start, total, fragment, protocol = (data[0] & 0xF) * 4, *struct.unpack_from("!2xH2xHxB", data)
    source, destination = struct.unpack_from("!12xII", data)
    # A total length of 0 comes from segmentation offload.
    payload = data[start : total or None]
    return _past_options(Address(4, source), Address(4, destination), protocol, payload, fragment & 0x1FFF == 0)


def _ipv6(data: bytes) -> Header:
    length, protocol, source, destination = struct.unpack_from("!4xHBx16s16s", data)
    payload = data[40 : 40 + length if length else None]
    ends = [Address(6, int.from_bytes(end, "big")) for end in (source, destination)]
    return _past_options(ends[0], ends[1], protocol, payload, first=True)


def _past_options(source: Address, destination: Address, protocol: int, payload: bytes, first: bool) -> Header:
    """Past the headers that only lead to another; each step is shorter, so it ends."""
    while first and (protocol in _OPTIONS or protocol in (_FRAGMENT, AH)):
        if protocol == _FRAGMENT:
            (fragment,) = struct.unpack_from("!2xH", payload)
            first, length = fragment >> 3 == 0, 8
        else:
            length = (payload[1] + 2) * 4 if protocol == AH else (payload[1] + 1) * 8
        protocol, payload = payload[0], payload[length:]
    return Header(source, destination, protocol, payload, first)
