"""TCP SYNs with an MSS option as frames and as packets, and what is read of them where they come out."""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

from sapper.address import Address

ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86DD
TCP, GRE = 6, 47
_SYN = 0x02
_MSS_OPTION = 2


class Syn(NamedTuple):
    """``is_whole``: the TCP checksum is right."""

    family: int
    source: str
    destination: str
    mss: int
    is_whole: bool


def syn_packet(source: str, destination: str, mss: int) -> bytes:
    """An IP packet with a SYN that offers that MSS."""
    ends = [Address.parse(text) for text in (source, destination)]
    family = ends[0].family
    segment = struct.pack(">HHIIBBHHHBBH", 40000, 80, 7, 0, 6 << 4, _SYN, 64000, 0, 0, _MSS_OPTION, 4, mss)
    checksum = checksum_of(_pseudo(ends[0].packed, ends[1].packed, len(segment)) + segment)
    segment = segment[:16] + struct.pack(">H", checksum) + segment[18:]
    if family == 6:
        return struct.pack(">IHBB", 6 << 28, len(segment), TCP, 64) + ends[0].packed + ends[1].packed + segment
    return ipv4_packet(source, destination, TCP, segment)


def ipv4_packet(source: str, destination: str, protocol: int, payload: bytes) -> bytes:
    """An IPv4 packet with DF set and no options."""
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0x4000, 64, protocol, 0)
    head += socket.inet_aton(source) + socket.inet_aton(destination)
    return head[:10] + struct.pack(">H", checksum_of(head)) + head[12:] + payload


def gre_packet(source: str, destination: str, inner: bytes) -> bytes:
    """GRE without options (RFC 2784) around an IP packet."""
    return ipv4_packet(source, destination, GRE, struct.pack(">HH", 0, ethertype_of(inner)) + inner)


def frame_of(packet: bytes, to: str, come_from: str) -> str:
    """An Ethernet frame in hexadecimal."""
    macs = bytes.fromhex((to + come_from).replace(":", ""))
    return (macs + struct.pack(">H", ethertype_of(packet)) + packet).hex()


def ethertype_of(packet: bytes) -> int:
    return ETH_P_IPV6 if packet[0] >> 4 == 6 else ETH_P_IP


def syn_in(frame: bytes) -> Syn | None:
    """The SYN of a frame, GRE around it taken off; None where there is none."""
    kind, packet = struct.unpack(">H", frame[12:14])[0], frame[14:]
    if kind == ETH_P_IP and packet[9] == GRE:
        kind, packet = struct.unpack(">H", packet[22:24])[0], packet[24:]
    if kind == ETH_P_IP:
        return _read(
            4, packet, packet[9], packet[12:16], packet[16:20], packet[20 : struct.unpack(">H", packet[2:4])[0]]
        )
    if kind == ETH_P_IPV6:
        length = struct.unpack(">H", packet[4:6])[0]
        return _read(6, packet, packet[6], packet[8:24], packet[24:40], packet[40 : 40 + length])
    return None


def _read(
    family: int, packet: bytes, protocol: int, source: bytes, destination: bytes, segment: bytes
) -> Syn | None:
    if protocol != TCP or not segment[13] & _SYN or segment[20] != _MSS_OPTION:
        return None
    names = [str(Address(4 if family == 4 else 6, int.from_bytes(end, "big"))) for end in (source, destination)]
    whole = checksum_of(_pseudo(source, destination, len(segment)) + segment) == 0
    return Syn(family, names[0], names[1], struct.unpack(">H", segment[22:24])[0], whole)


def _pseudo(source: bytes, destination: bytes, length: int) -> bytes:
    return source + destination + struct.pack(">II", length, TCP)


def checksum_of(data: bytes) -> int:
    """RFC 1071; 0 for what carries its right checksum."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total
