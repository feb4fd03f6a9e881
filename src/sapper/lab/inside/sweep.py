"""Measures, inside the guest, what the kernel makes of sizes: one tunnel and many ESP transforms at a time.

Two namespaces, one wire. A tunnel device with an MTU far above the wire's leaves the decision to the kernel's own
arithmetic. For each case a socket with don't-fragment sends one packet that should be too large, one that should just
fit, and a shorter one; the far end of the wire tells what came. What the socket was told of the path's MTU after the
first is the value that the kernel reports as "too big" (RFC 1191, RFC 8201). Nothing is decrypted.
"""

from __future__ import annotations

import base64
import errno
import os
import select
import socket
from typing import Any

from sapper.address import Address
from sapper.lab.inside.sweep_device import (
    HERE,
    THERE,
    WIRE,
    installed,
    mtu_of,
    prepare,
    set_mtu,
    shake_hands,
    ways,
)
from sapper.lab.inside.sweep_states import protect
from sapper.live.namespace import socket_inside

__all__ = ["prepare", "sweep"]

_ETHERNET_BYTES = 14
_ETH_P_ALL = 3
_IP_MTU_DISCOVER, _IPV6_MTU_DISCOVER = 10, 23  # include/uapi/linux/in.h, in6.h
_IP_MTU, _IPV6_MTU = 14, 24
_PMTUDISC_DO = 2
_OPTIONS = {
    4: (socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_MTU),
    6: (socket.IPPROTO_IPV6, _IPV6_MTU_DISCOVER, _IPV6_MTU),
}
_UDP_BYTES = 8
_FRAGMENT_HEADER = 44
_HEADERS = {4: 20 + _UDP_BYTES, 6: 40 + _UDP_BYTES}
_QUIET_S, _SOON_S = 0.01, 1.0
_NOISE_BYTES = 400
"""Below it is what the kernel sends by itself through a new device: multicast listeners, handshakes."""
_RANDOM = os.urandom(65536)
"""What does not become shorter by compression."""


def sweep(message: dict[str, Any]) -> dict[str, Any]:
    """``groups``: each with at most one tunnel, the wire's ``mtu``, and ``cases``.

    Returns for each group the kernel's own MTU of the device, and for each case the lengths of all packets on the
    wire that each of the three brought, how many fragments the first became, the frames themselves if they are to be
    kept, and the path MTU that the kernel told.
    """
    with socket_inside(THERE, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL)) as sniffer:
        sniffer.bind((WIRE, _ETH_P_ALL))
        sniffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sniffer.setblocking(False)
        return {"groups": [_group(group, sniffer) for group in message["groups"]]}


def _group(group: dict[str, Any], sniffer: socket.socket) -> dict[str, Any]:
    set_mtu(WIRE, group["mtu"])
    protect(HERE, None)
    with installed(group) as device:
        own = None if device is None else mtu_of(device)
        targets = [Address.parse(case["target"]) for case in group["cases"]]
        with ways(targets, device, group["encap"]):
            if group["far_plan"]:
                shake_hands(targets[0])
            cases = [_case(case, device, sniffer) for case in group["cases"]]
    return {"own_mtu": own, "cases": cases}


def _case(case: dict[str, Any], device: str | None, sniffer: socket.socket) -> dict[str, Any]:
    protect(HERE, case["ipsec"])
    if device is not None:
        set_mtu(device, case["device_mtu"])
    target = Address.parse(case["target"])
    kind = socket.AF_INET6 if target.family == 6 else socket.AF_INET
    with socket_inside(HERE, kind, socket.SOCK_DGRAM) as sender:
        level, discover, _ = _OPTIONS[target.family]
        sender.setsockopt(level, discover, _PMTUDISC_DO)
        sender.connect((case["target"], 9))
        headers = _HEADERS[target.family]
        _frames(sniffer, 0, 0.0, quiet_s=0.0)
        _send(sender, _RANDOM[: case["largest"] + 1 - headers])
        over = _frames(sniffer, 2, _SOON_S if case["cuts"] else 0.0, least=0 if case["cuts"] else _NOISE_BYTES)
        told = _told(target)
        _send(sender, _RANDOM[: case["largest"] - headers])
        largest = _frames(sniffer, 1, _SOON_S)
        length = case["shorter"] - headers
        zeros = length // 2 if case["compressible"] else 0
        _send(sender, _RANDOM[: length - zeros] + bytes(zeros))
        shorter = _frames(sniffer, 1, _SOON_S)
    kept = [*largest, *shorter] if case["keep"] else []
    return {
        "over": [len(frame) - _ETHERNET_BYTES for frame in over if not _is_fragment(frame)],
        "fragments": sum(map(_is_fragment, over)),
        "seen": [len(frame) - _ETHERNET_BYTES for frame in largest],
        "shorter": [len(frame) - _ETHERNET_BYTES for frame in shorter],
        "told": told,
        "frames": [base64.b64encode(frame).decode() for frame in kept],
    }


def _is_fragment(frame: bytes) -> bool:
    """True for a part of an IP packet, by its outermost header (RFC 791 3.1, RFC 8200 4.5)."""
    kind, head = frame[12:14], frame[_ETHERNET_BYTES:]
    if kind == b"\x08\x00":
        return int.from_bytes(head[6:8], "big") & 0x3FFF != 0
    return kind == b"\x86\xdd" and head[6] == _FRAGMENT_HEADER


def _told(target: Address) -> int:
    """The MTU of the path as a new socket sees it: one that is connected asks again only when it sends."""
    level, _, ask = _OPTIONS[target.family]
    kind = socket.AF_INET6 if target.family == 6 else socket.AF_INET
    with socket_inside(HERE, kind, socket.SOCK_DGRAM) as asking:
        asking.connect((str(target), 9))
        return asking.getsockopt(level, ask)


def _send(sender: socket.socket, payload: bytes) -> None:
    """One datagram; a refusal says nothing that the wire does not say."""
    # The "too big" of an earlier packet is kept for the next call on the socket.
    sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    try:
        sender.send(payload)
    except OSError as error:
        if error.errno != errno.EMSGSIZE:
            raise


def _frames(
    sniffer: socket.socket, wanted: int, limit_s: float, least: int = _NOISE_BYTES, quiet_s: float = _QUIET_S
) -> list[bytes]:
    """The frames of at least ``least`` bytes that come: until there are so many as wanted, and a moment for more."""
    frames: list[bytes] = []
    while True:
        wait_s = quiet_s if len(frames) >= wanted else limit_s
        if not select.select([sniffer], [], [], wait_s)[0]:
            return frames
        frame = sniffer.recv(65535)
        if len(frame) - _ETHERNET_BYTES >= least:
            frames.append(frame)
