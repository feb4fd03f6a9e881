"""Kills a daemon at one exact moment of a negotiation.

The agent watches the router's wire, or the notifications of its XFRM, with a real-time priority, in a guest that has
one processor: what wakes it also takes the processor from charon, so that charon does nothing more before the
signal. The moment is the same each time, without a change to the daemon. Sources: sched(7); RFC 7296 3.1 (IKE
header), include/uapi/linux/xfrm.h (XFRMNLGRP_SA, XFRMNLGRP_POLICY).
"""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sapper.lab.inside import daemon
from sapper.live.namespace import socket_inside
from sapper.live.netlink.connection import NETLINK_XFRM

_ETH_P_ALL = 3
_GROUPS = {"state": 1 << 2, "policy": 1 << 3}  # XFRMNLGRP_SA, XFRMNLGRP_POLICY as a mask
_KINDS = {"state": (0x10, 0x1A), "policy": (0x13, 0x19)}  # NEWSA, UPDSA; NEWPOLICY, UPDPOLICY
_EXCHANGES = {34: "init", 35: "auth", 36: "child", 37: "informational"}
_RESPONSE = 0x20
_UDP, _IKE_PORT, _NAT_T_PORT = 17, 500, 4500


def kill_at(message: dict[str, Any]) -> dict[str, Any]:
    """``initiator`` asks for ``child`` of ``ike``; ``node``'s daemon gets SIGKILL at ``moment``, if that comes.

    A moment is an IKE message seen on ``link`` (init-request, auth-response …), or the ``count``-th state or policy
    that the kernel has put in. Returns the moments seen until then and whether it came within ``limit_s``.
    """
    moment, _, occurrence = message["moment"].partition(":")
    watched = _watch(message["node"], message["link"], moment)
    seen: list[str] = []
    left = int(occurrence or 1)
    wanted = {"child": message["child"], "ike": message["ike"]}
    with watched, _first_in_line(), daemon.ask_only(message["initiator"], "initiate", wanted):
        for found in _moments(watched, moment, time.monotonic() + message["limit_s"]):
            seen.append(found)
            left -= found == moment
            if not left:
                break
        if not left:
            daemon.kill({"nodes": [message["node"]]})
    return {"killed": not left, "seen": seen}


def _watch(node: str, link: str, moment: str) -> socket.socket:
    if moment in _GROUPS:
        watched = socket_inside(node, socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM)
        watched.bind((0, _GROUPS[moment]))
    else:
        watched = socket_inside(node, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        watched.bind((link, _ETH_P_ALL))
    return watched


@contextmanager
def _first_in_line() -> Iterator[None]:
    """This process runs before every ordinary one as soon as it can run at all."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _moments(watched: socket.socket, moment: str, end: float) -> Iterator[str]:
    read: Callable[[bytes], Iterator[str]] = _netlink(moment) if moment in _KINDS else _ike
    while (left := end - time.monotonic()) > 0:
        if select.select([watched], [], [], left)[0]:
            yield from read(watched.recv(65535))


def _netlink(moment: str) -> Callable[[bytes], Iterator[str]]:
    kinds = _KINDS[moment]

    def read(data: bytes) -> Iterator[str]:
        at = 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, at)
            if kind in kinds:
                yield moment
            at += max(16, (length + 3) & ~3)

    return read


def _ike(frame: bytes) -> Iterator[str]:
    """The name of an IKEv2 message in a frame, if it is one."""
    ethertype, start = int.from_bytes(frame[12:14], "big"), 14
    if ethertype == 0x0800 and frame[23] == _UDP:
        start += (frame[14] & 0xF) * 4
    elif ethertype == 0x86DD and frame[20] == _UDP:
        start += 40
    else:
        return
    ports = struct.unpack_from("!HH", frame, start)
    header = start + 8 + (4 if _NAT_T_PORT in ports else 0)
    if not {_IKE_PORT, _NAT_T_PORT} & set(ports) or len(frame) < header + 28:
        return
    exchange, flags = frame[header + 18], frame[header + 19]
    if exchange in _EXCHANGES:
        yield f"{_EXCHANGES[exchange]}-{'response' if flags & _RESPONSE else 'request'}"
