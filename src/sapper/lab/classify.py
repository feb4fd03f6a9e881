"""Which kind a frame on a wire is: ESP, a tunnel's packet in clear, an inner packet in clear, IKE, or something else.

Decided by headers and by the probe's token alone, never by what a sender believed to have sent. ESP in UDP and IKE
share port 4500; the non-ESP marker tells them apart (RFC 3948 2.2).
"""

from __future__ import annotations

import re

import dpkt

from sapper.address import Address, Family
from sapper.lab.result import PacketClass

_TOKEN = re.compile(rb"(sapper:[^|]{1,80})\|")
_ENCAPSULATING = frozenset({4, 41, 47, 115})
_ESP, _UDP, _ICMP, _ICMP6 = 50, 17, 1, 58
_IKE_PORTS = frozenset({500})
_NAT_T = 4500


def token_of(frame: bytes) -> str | None:
    """The probe's token in a frame, None for an encrypted or a foreign one."""
    found = _TOKEN.search(frame)
    return found.group(1).decode(errors="replace") if found else None


def classify(frame: bytes) -> tuple[PacketClass, Address | None]:
    """The kind of a frame, and the destination of its outermost IP header (None without one)."""
    try:
        packet = dpkt.ethernet.Ethernet(frame).data
    except dpkt.UnpackError:
        return "other", None
    if not isinstance(packet, dpkt.ip.IP | dpkt.ip6.IP6):
        return "other", None
    family: Family = 6 if isinstance(packet, dpkt.ip6.IP6) else 4
    destination = Address(family, int.from_bytes(packet.dst, "big"))
    protocol = packet.p if family == 4 else packet.nxt
    return _kind(protocol, packet, frame), destination


def _kind(protocol: int, packet: dpkt.ip.IP | dpkt.ip6.IP6, frame: bytes) -> PacketClass:
    if protocol == _ESP:
        return "esp"
    if protocol == _UDP and isinstance(packet.data, dpkt.udp.UDP):
        ports = {packet.data.sport, packet.data.dport}
        if ports & _IKE_PORTS:
            return "ike"
        if _NAT_T in ports:
            return _nat_t(bytes(packet.data.data))
    if token_of(frame) is None or protocol in (_ICMP, _ICMP6):
        return "other"
    # IPv6 puts the encapsulation limit option (RFC 2473) before the payload: an extension header is one as well.
    return "clear-outer" if protocol in _ENCAPSULATING or protocol == 60 else "clear-inner"


def _nat_t(payload: bytes) -> PacketClass:
    if len(payload) <= 1:
        return "other"  # a keepalive
    return "ike" if payload[:4] == b"\0\0\0\0" else "esp"
