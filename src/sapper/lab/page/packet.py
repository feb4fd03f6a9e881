"""One captured frame in a few words, for the title of its mark. Reads two headers and never raises."""

from __future__ import annotations

import struct

from sapper.address import Address
from sapper.lab.result import CapturedFrame

_PROTOCOLS = {1: "ICMP", 4: "IPIP", 6: "TCP", 17: "UDP", 41: "IPv6", 47: "GRE", 50: "ESP", 58: "ICMPv6", 89: "OSPF"}
_ETHERNET_BYTES = 14
_IPV4, _IPV6, _ARP = 0x0800, 0x86DD, 0x0806


def describe(frame: CapturedFrame) -> str:
    """``clear outer, 192.0.2.10 to 203.0.113.20, GRE, 138 bytes``."""
    words = [frame.category.replace("-", " "), *_headers(frame.frame), f"{len(frame.frame)} bytes"]
    return ", ".join(words)


def _headers(content: bytes) -> list[str]:
    if len(content) < _ETHERNET_BYTES:
        return []
    (kind,) = struct.unpack_from("!H", content, 12)
    packet = content[_ETHERNET_BYTES:]
    if kind == _IPV4 and len(packet) >= 20:
        return _ends(Address(4, _number(packet[12:16])), Address(4, _number(packet[16:20])), packet[9])
    if kind == _IPV6 and len(packet) >= 40:
        return _ends(Address(6, _number(packet[8:24])), Address(6, _number(packet[24:40])), packet[6])
    return ["ARP"] if kind == _ARP else []


def _ends(source: Address, destination: Address, protocol: int) -> list[str]:
    return [f"{source} to {destination}", _PROTOCOLS.get(protocol, f"protocol {protocol}")]


def _number(content: bytes) -> int:
    return int.from_bytes(content, "big")
