"""Which kind a frame on a wire is, by its headers and the probe's token alone, never by what a sender believed.

``kind_of`` tells every kind apart; ``classify`` has the few that are counted, and counts as clear only what carries a
token of the lab. ESP in UDP and IKE share port 4500; the non-ESP marker tells them apart (RFC 3948 2.2), and one byte
of ones is a keepalive (2.3). Never raises: a wire carries anything, and what is cut short or no IP is ``other``.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from sapper.address import Address
from sapper.lab.dissect import (
    ARP,
    ESP,
    GENEVE_PORT,
    GRE,
    ICMP,
    ICMP6,
    IPIP,
    L2TP,
    OSPF,
    SIX,
    TCP,
    UDP,
    VXLAN_PORTS,
    Dissected,
    Header,
    dissect,
)
from sapper.lab.result import PacketClass, PacketKind

_TOKEN = re.compile(rb"(sapper:[^|]{1,400})\|")
_ENCAPSULATING = frozenset({IPIP, SIX, GRE, L2TP})
_TUNNEL_PORTS = VXLAN_PORTS | {GENEVE_PORT, 1701}  # L2TP over UDP
_IKE_PORT, _NAT_T_PORT, _BGP_PORT = 500, 4500, 179
_ROUTING_PORTS = frozenset({520, 521, 3784, 3785, 4784})  # RIP, RIPng, BFD
# WireGuard's four messages: kind, three zero bytes, and a length; 0 stands for data of any length from 32 on.
_WIREGUARD = {1: 148, 2: 92, 3: 64, 4: 0}
# Messages that quote the packet that they are about (RFC 792, RFC 4443 3); a redirect over IPv6 is RFC 4861's.
_ERRORS = {ICMP: frozenset({3, 4, 5, 11, 12}), ICMP6: frozenset({1, 2, 3, 4})}
_ECHO = {ICMP: frozenset({0, 8}), ICMP6: frozenset({128, 129})}
_NEIGHBOUR = frozenset(range(133, 138))
_TOO_BIG = ((ICMP, 3, 4), (ICMP6, 2, 0))

# What is counted of each kind: a tunnel's packet or an inner one only with a token of ours in it.
_COUNTED: dict[PacketKind, PacketClass] = {"esp": "esp", "esp-in-udp": "esp", "ike": "ike", "ike-in-udp": "ike"}


class Ticket(NamedTuple):
    """What an ESP packet says in clear: its SA and its place in the order of sending (RFC 4303 2.1, 2.2)."""

    spi: int
    sequence: int


def token_of(frame: bytes) -> str | None:
    """The probe's token in a frame, None for an encrypted or a foreign one."""
    found = _TOKEN.search(frame)
    return found.group(1).decode(errors="replace") if found else None


def classify(frame: bytes) -> tuple[PacketClass, Address | None]:
    """The counted kind of a frame, and the destination of its outermost IP header (None without one)."""
    dissected = dissect(frame)
    outer = dissected.outer
    if outer is None:
        return "other", None
    kind = kind_of(frame, dissected)
    counted = _COUNTED.get(kind)
    if counted == "esp" and token_of(frame) is not None:
        counted = "clear-outer"  # a null cipher, or GMAC: the packet is ESP, and its content can be read
    if counted is None:
        quoting = kind in ("icmp-error", "icmp-too-big", "neighbour")
        if token_of(frame) is None or quoting:
            counted = "other"
        else:
            counted = "clear-outer" if kind == "clear-outer" else "clear-inner"
    return counted, outer.destination


def kind_of(frame: bytes, dissected: Dissected | None = None) -> PacketKind:
    """The kind of a frame, by its outermost headers; ``dissected`` if the caller has it already."""
    found = dissected or dissect(frame)
    if found.outer is None:
        return "neighbour" if found.ethertype == ARP else "other"
    kind = _by_header(found.outer)
    return "clear-inner" if kind == "other" and token_of(frame) is not None else kind


def ticket_of(dissected: Dissected) -> Ticket | None:
    """The ticket of an ESP packet, in UDP or not; None for anything else and for a later fragment."""
    outer = dissected.outer
    if outer is None or not outer.first or _by_header(outer) not in ("esp", "esp-in-udp"):
        return None
    payload = outer.payload if outer.protocol == ESP else outer.payload[8:]
    return Ticket(*struct.unpack_from("!II", payload)) if len(payload) >= 8 else None


def _by_header(outer: Header) -> PacketKind:
    if outer.protocol == ESP:
        return "esp"
    if outer.protocol in _ENCAPSULATING:
        return "clear-outer" if outer.first else "other"
    if outer.protocol == OSPF:
        return "routing"
    if outer.protocol in (ICMP, ICMP6):
        return _icmp(outer)
    if outer.protocol == TCP and outer.ports is not None and _BGP_PORT in outer.ports:
        return "routing"
    return _udp(outer) if outer.protocol == UDP else "other"


def _icmp(outer: Header) -> PacketKind:
    if not outer.first or len(outer.payload) < 2:
        return "other"
    kind, code = outer.payload[:2]
    if (outer.protocol, kind, code) in _TOO_BIG:
        return "icmp-too-big"
    if kind in _ERRORS[outer.protocol]:
        return "icmp-error"
    if outer.protocol == ICMP6 and kind in _NEIGHBOUR:
        return "neighbour"
    return "icmp-echo" if kind in _ECHO[outer.protocol] else "other"


def _udp(outer: Header) -> PacketKind:
    carried = outer.bytes_of_udp
    ports = outer.ports
    if carried is None or ports is None:
        return "other"
    if _IKE_PORT in ports:
        return "ike"
    if _NAT_T_PORT in ports:
        return _nat_t(carried)
    if ports[1] in _TUNNEL_PORTS:
        return "clear-outer"
    if ports[1] in _ROUTING_PORTS:
        return "routing"
    length = _WIREGUARD.get(carried[0]) if carried[1:4] == bytes(3) else None
    if length is not None and (length == len(carried) or (length == 0 and len(carried) >= 32)):
        return "wireguard"
    return "other"


def _nat_t(carried: bytes) -> PacketKind:
    if len(carried) <= 4:
        return "nat-keepalive" if carried == b"\xff" else "other"
    return "ike-in-udp" if carried[:4] == bytes(4) else "esp-in-udp"
