"""A packet in words: its kind, its headers from the outermost in, and whose it is and how that is known."""

from __future__ import annotations

from collections.abc import Mapping

from sapper.lab.attribution import FORGED, SeenPacket
from sapper.lab.dissect import ARP, Dissected, Header
from sapper.lab.result import Flow, PacketKind

KIND_WORDS: dict[PacketKind, str] = {
    "esp": "ESP",
    "esp-in-udp": "ESP in UDP",
    "wireguard": "WireGuard",
    "ike": "IKE",
    "ike-in-udp": "IKE in UDP (NAT-T)",
    "nat-keepalive": "NAT keepalive",
    "clear-outer": "tunnel packet in clear",
    "clear-inner": "inner packet in clear",
    "neighbour": "ARP or neighbour discovery",
    "icmp-echo": "ICMP echo",
    "icmp-error": "ICMP error",
    "icmp-too-big": "ICMP too big",
    "routing": "routing protocol",
    "other": "other",
}
ECHO_WORDS = "seen once more after decryption, was on no wire"
_PROTOCOLS = {1: "ICMP", 4: "IPIP", 6: "TCP", 17: "UDP", 41: "IPv6", 47: "GRE", 50: "ESP", 58: "ICMPv6", 89: "OSPF"}


def headers(dissected: Dissected) -> str:
    """``192.0.2.10 to 203.0.113.20 GRE, in it 10.1.0.10 to 10.2.0.10 UDP 40000 to 47011``."""
    if not dissected.headers:
        return "ARP" if dissected.ethertype == ARP else f"ethertype {dissected.ethertype:#06x}"
    return ", in it ".join(_header(header) for header in dissected.headers)


def _header(header: Header) -> str:
    name = _PROTOCOLS.get(header.protocol, f"protocol {header.protocol}")
    ports = f" {header.ports[0]} to {header.ports[1]}" if header.ports else ""
    return f"{header.source} to {header.destination} {name}{ports}{'' if header.first else ', a later fragment'}"


def owner(packet: SeenPacket, flows: Mapping[str, Flow]) -> str:
    """Whose packet it is, and whether that is certain; empty where nobody knows."""
    if packet.flow is None:
        return ""
    known = "certain: its token" if packet.basis == "content" else "inferred: order of sending"
    if packet.flow.startswith(FORGED):
        return f"forged by the lab ({known})"
    flow = flows.get(packet.flow)
    if flow is None:
        return f"{packet.flow} ({known})"
    ends = f"{flow.source or flow.node} to {flow.destination}"
    network = f" in {flow.network}" if flow.network else ""
    return f"{flow.router} {flow.tunnel}: {ends}{network} ({known})"


def ticket(packet: SeenPacket) -> str:
    """``SPI c1234567, number 5`` of an ESP packet; empty for others."""
    return f"SPI {packet.ticket.spi:08x}, number {packet.ticket.sequence}" if packet.ticket else ""


def sentence(packet: SeenPacket, flows: Mapping[str, Flow]) -> str:
    """All of it in one line."""
    kind = KIND_WORDS[packet.kind] + (f", {ECHO_WORDS}" if packet.echo else "")
    length = f"{len(packet.frame.frame)} bytes"
    parts = (kind, headers(packet.dissected), ticket(packet), length, owner(packet, flows))
    return "; ".join(part for part in parts if part)
