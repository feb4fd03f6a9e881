"""One well-formed frame of every kind that a lab's wires carry, by name, with the kind that it is."""

from __future__ import annotations

import struct

from sapper.address import Address
from sapper.lab.injection import datagram, packet
from sapper.lab.result import PacketKind

EAST, WEST = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
EAST6, WEST6 = Address.parse("2001:db8::10"), Address.parse("2001:db8::20")
INNER = (Address.parse("10.1.0.10"), Address.parse("10.2.0.10"))
INNER6 = (Address.parse("fd00:1::10"), Address.parse("fd00:2::10"))
TOKEN = "sapper:east:tun0:0"
PROBE = f"{TOKEN}|".encode().ljust(64, b".")


def ether(data: bytes, ethertype: int | None = None, tags: tuple[int, ...] = ()) -> bytes:
    kind = ethertype or (0x86DD if data[0] >> 4 == 6 else 0x0800)
    addresses = bytes.fromhex("02000000000a02000000000b")
    return addresses + b"".join(struct.pack("!HH", tag, 5) for tag in tags) + struct.pack("!H", kind) + data


def four(protocol: int, data: bytes) -> bytes:
    return packet(EAST, WEST, protocol, data)


def six(protocol: int, data: bytes) -> bytes:
    return packet(EAST6, WEST6, protocol, data)


def udp(data: bytes, source: int, destination: int) -> bytes:
    return struct.pack("!HHHH", source, destination, 8 + len(data), 0) + data


def icmp(kind: int, code: int, data: bytes) -> bytes:
    return struct.pack("!BBHI", kind, code, 0, 0) + data


PROBE4, PROBE6 = datagram(*INNER, PROBE, 47011), datagram(*INNER6, PROBE, 47011)
ESP = struct.pack("!II", 0xC1234567, 1) + bytes(range(64))
IKE = struct.pack("!QQBBBBII", 7, 9, 33, 0x20, 34, 8, 0, 32) + struct.pack("!BBH", 0, 0, 4)
GRE4, GRE6, GRETAP = (struct.pack("!HH", 0, carried) for carried in (0x0800, 0x86DD, 0x6558))
GRE_KEY = struct.pack("!HHI", 0x2000, 0x0800, 7)
HELLO = bytes.fromhex("0201002c0a0000010000000000000000000000000000000000ffffff00000a020100000028") + bytes(8)
BGP = struct.pack("!HHIIBBHHH", 40000, 179, 1, 1, 0x50, 0x18, 8192, 0, 0) + b"\xff" * 16 + b"\x00\x13\x04"
BFD = bytes.fromhex("20c0031800000001000000000007a120000f424000000000")
WIREGUARD = b"\x04\0\0\0" + struct.pack("<IQ", 5, 1) + bytes(48)
ARP = bytes.fromhex("0001080006040001 02000000000a c000020a 000000000000 c0000201")
SOLICITATION = icmp(135, 0, WEST6.packed)
VXLAN = struct.pack("!II", 0x08000000, 7 << 8)
GENEVE = struct.pack("!BBHI", 0, 0, 0x0800, 7 << 8)

FRAMES: dict[str, tuple[bytes, PacketKind]] = {
    "ESP": (ether(four(50, ESP)), "esp"),
    "ESP over IPv6": (ether(six(50, ESP)), "esp"),
    "ESP behind a VLAN tag": (ether(four(50, ESP), tags=(0x8100,)), "esp"),
    "ESP in UDP": (ether(four(17, udp(ESP, 4500, 4500))), "esp-in-udp"),
    "ESP in UDP from a NAT box' port": (ether(four(17, udp(ESP, 61234, 4500))), "esp-in-udp"),
    "WireGuard": (ether(four(17, udp(WIREGUARD, 51820, 51820))), "wireguard"),
    "IKE": (ether(four(17, udp(IKE, 500, 500))), "ike"),
    "IKE over IPv6": (ether(six(17, udp(IKE, 500, 500))), "ike"),
    "IKE in UDP": (ether(four(17, udp(bytes(4) + IKE, 4500, 4500))), "ike-in-udp"),
    "a NAT keepalive": (ether(four(17, udp(b"\xff", 4500, 4500))), "nat-keepalive"),
    "GRE": (ether(four(47, GRE4 + PROBE4)), "clear-outer"),
    "GRE with a key": (ether(four(47, GRE_KEY + PROBE4)), "clear-outer"),
    "GRE with IPv6 in it": (ether(four(47, GRE6 + PROBE6)), "clear-outer"),
    "GRE over IPv6": (ether(six(47, GRE4 + PROBE4)), "clear-outer"),
    "gretap": (ether(four(47, GRETAP + ether(PROBE4))), "clear-outer"),
    "OSPF in GRE": (ether(four(47, GRE4 + four(89, HELLO))), "clear-outer"),
    "ipip": (ether(four(4, PROBE4)), "clear-outer"),
    "sit": (ether(four(41, PROBE6)), "clear-outer"),
    "ip6ip6": (ether(six(41, PROBE6)), "clear-outer"),
    "ipip6": (ether(six(4, PROBE4)), "clear-outer"),
    "VXLAN": (ether(four(17, udp(VXLAN + ether(PROBE4), 50000, 4789))), "clear-outer"),
    "GENEVE": (ether(four(17, udp(GENEVE + PROBE4, 50000, 6081))), "clear-outer"),
    "a probe": (ether(PROBE4), "clear-inner"),
    "a probe over IPv6": (ether(PROBE6), "clear-inner"),
    "ARP": (ether(ARP, 0x0806), "neighbour"),
    "a neighbour solicitation": (ether(six(58, SOLICITATION)), "neighbour"),
    "a router solicitation": (ether(six(58, icmp(133, 0, b""))), "neighbour"),
    "a ping": (ether(four(1, icmp(8, 0, bytes(32)))), "icmp-echo"),
    "an answer to a ping": (ether(four(1, icmp(0, 0, bytes(32)))), "icmp-echo"),
    "a ping over IPv6": (ether(six(58, icmp(128, 0, bytes(32)))), "icmp-echo"),
    "fragmentation needed": (ether(four(1, icmp(3, 4, PROBE4))), "icmp-too-big"),
    "packet too big": (ether(six(58, icmp(2, 0, PROBE6))), "icmp-too-big"),
    "port unreachable": (ether(four(1, icmp(3, 3, PROBE4))), "icmp-error"),
    "time exceeded over IPv6": (ether(six(58, icmp(3, 0, PROBE6))), "icmp-error"),
    "OSPF": (ether(four(89, HELLO)), "routing"),
    "BGP": (ether(four(6, BGP)), "routing"),
    "BFD": (ether(four(17, udp(BFD, 49152, 3784))), "routing"),
    "a stranger's UDP": (ether(four(17, udp(b"hello", 40000, 40001))), "other"),
    "LLDP": (ether(bytes.fromhex("020704020000000001040703020000000001060200780000"), 0x88CC), "other"),
}
