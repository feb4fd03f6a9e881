"""Runs prepared cases of the judge in the guest, thousands of them: no thinking here, only what was worked out outside.

A case is a list of steps: netlink messages as bytes, nftables commands as text, packets as bytes. Each case has a
network namespace of its own, the namespace of this one thread. A wire is a TAP device, and what the router puts on
it is read from its descriptor: nothing can be lost between two namespaces. Nearly everything in the kernel's way of a
packet is done when the call that sent it returns (one processor, ciphers without a queue); for what the kernel leaves
to threads of its own there are short rests, and no other waits.
Sources: Documentation/networking/tuntap.rst, packet(7), unshare(2).
"""

from __future__ import annotations

import binascii
import ctypes
import fcntl
import os
import socket
import struct
import time

from sapper.lab.channel import ChannelClosed, LineChannel, open_port

TYPE_CHECKING = False  # typing itself takes 100 ms to import in an emulated guest
if TYPE_CHECKING:
    from typing import Any

MAGIC = b"\xa5SAPR"
"""What stands before the number of a probe in everything that is sent."""

_CLONE_NEWNET = 0x40000000
_TUNSETIFF, _TUNSETIFINDEX, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x400454DA, 0x0002, 0x1000
_ETH_P_ALL = 3
_SOL_PACKET, _IGNORE_OUTGOING = 263, 23  # include/uapi/linux/if_packet.h
_SO_RCVBUFFORCE = 33
_SOL_NETLINK, _ADD_MEMBERSHIP, _XFRM_ACQUIRES = 270, 1, 1
_NETLINK = {"route": 0, "xfrm": 6, "netfilter": 12}
_ERROR = 2  # NLMSG_ERROR
_LOCAL_SYSCTLS = (
    ("core/fb_tunnels_only_for_init_net", "1"),  # no gre0, sit0 … in every namespace
    ("core/devconf_inherit_init_net", "1"),  # what follows is every namespace's
    ("ipv4/ip_forward", "1"),
    ("ipv6/conf/all/forwarding", "1"),
    ("ipv6/conf/default/accept_dad", "0"),
    ("ipv6/conf/all/accept_dad", "0"),
    ("ipv6/conf/default/dad_transmits", "0"),
    ("ipv6/conf/default/router_solicitations", "0"),
    ("ipv6/conf/default/addr_gen_mode", "1"),
)
_UDP = 17
_RESTS, _REST_S = 5, 0.0005

_libc = ctypes.CDLL(None, use_errno=True)
_nftables: list[Any] = []


def prepare() -> None:
    """Settings that every namespace copies from the guest's first one, and the drivers."""
    for name, value in _LOCAL_SYSCTLS:
        _write(f"/proc/sys/net/{name}", value)
    os.spawnv(os.P_WAIT, "/sbin/modprobe", ["modprobe", "tun"])


def judge(message: dict[str, Any]) -> dict[str, Any]:
    """``cases``: each ``taps`` ([name, index]…) and ``steps``. Returns for each what was refused and what was seen."""
    return {"cases": [_case(case) for case in message["cases"]]}


class _Room:
    """The sockets of one case, all in its namespace."""

    def __init__(self, taps: list[Any]) -> None:
        if _libc.unshare(_CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        self.netlink: dict[str, socket.socket] = {}
        self.taps = {name: _tap(name, index) for name, index in taps}
        self.sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        self.sniffer.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 23)
        # A packet that is led back into its tunnel time and again would fill the buffer.
        self.sniffer.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
        self.sniffer.setblocking(False)

    def connection(self, which: str) -> socket.socket:
        found = self.netlink.get(which)
        if found is None:
            found = self.netlink[which] = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK[which])
            found.setblocking(False)
        return found

    def close(self) -> None:
        for tap in self.taps.values():
            os.close(tap)
        self.sniffer.close()
        for connection in self.netlink.values():
            connection.close()


def _tap(name: str, index: int) -> int:
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, _TUNSETIFINDEX, struct.pack("=I", index))
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("=16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
    return descriptor


def _case(case: dict[str, Any]) -> dict[str, Any]:
    room = _Room(case["taps"])
    refused: list[Any] = []
    seen: list[Any] = []
    try:
        for at, step in enumerate(case["steps"]):
            kind = step[0]
            if kind == "netlink":
                refused += [[at, *refusal] for refusal in _netlink(room, step[1], step[2])]
            elif kind == "probe":
                seen.append(_probe(room, step[1], step[2]))
            elif kind == "acquires":
                room.connection("xfrm").setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, _XFRM_ACQUIRES)
            elif kind == "sysctl":
                _write(step[1], step[2])
            elif kind == "nft":
                refused += [[at, 0, text] for text in _nft(step[1])]
    finally:
        room.close()
    return {"refused": refused, "seen": seen}


def _netlink(room: _Room, which: str, batch: str) -> list[tuple[int, int]]:
    """Sends a batch without acknowledgements; the kernel is through with it when the call returns.

    Returns the sequence numbers and error numbers of what it refused.
    """
    connection = room.connection(which)
    connection.send(binascii.a2b_base64(batch))
    refused: list[tuple[int, int]] = []
    while True:
        try:
            answer = connection.recv(1 << 16)
        except BlockingIOError:
            return refused
        at = 0
        while at + 16 <= len(answer):
            length, kind, _, sequence, _ = struct.unpack_from("=IHHII", answer, at)
            if kind == _ERROR and (error := -struct.unpack_from("=i", answer, at + 16)[0]):
                refused.append((sequence, error))
            at += max((length + 3) & ~3, 16)


def _nft(text: str) -> list[str]:
    """Runs commands in JSON in this namespace, by the library: a process for each case costs too much."""
    if not _nftables:
        library = ctypes.CDLL("libnftables.so.1")
        library.nft_ctx_new.restype = ctypes.c_void_p
        library.nft_ctx_new.argtypes = (ctypes.c_uint32,)
        for name in ("nft_ctx_free", "nft_ctx_buffer_error", "nft_ctx_buffer_output"):
            getattr(library, name).argtypes = (ctypes.c_void_p,)
        library.nft_ctx_output_set_flags.argtypes = (ctypes.c_void_p, ctypes.c_uint)
        library.nft_run_cmd_from_buffer.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
        library.nft_ctx_get_error_buffer.argtypes = (ctypes.c_void_p,)
        library.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        _nftables.append(library)
    library = _nftables[0]
    context = library.nft_ctx_new(0)
    try:
        library.nft_ctx_output_set_flags(context, 1 << 4)  # NFT_CTX_OUTPUT_JSON
        library.nft_ctx_buffer_error(context)
        if library.nft_run_cmd_from_buffer(context, text.encode()) == 0:
            return []
        return [library.nft_ctx_get_error_buffer(context).decode(errors="replace")]
    finally:
        library.nft_ctx_free(context)


def _probe(room: _Room, probes: list[Any], forget: str | None) -> dict[str, Any]:
    """Sends every probe, then reads every wire. ``forget``: a netfilter message that is sent before each."""
    unsent: list[Any] = []
    _rest()  # IPv6 addresses come into force in a worker (addrconf_dad_work)
    _read(room)
    for probe in probes:
        if forget is not None:
            _netlink(room, "netfilter", forget)
        try:
            _SENDERS[probe[0]](room, *probe[1:])
        except OSError as error:
            # To a process an error is an answer of the kernel; a wire and a device take everything.
            if probe[0] != "local":
                unsent.append([probe[:2], error.errno])
    _rest()  # a processor that was away for long hands what came in to a thread (ksoftirqd)
    frames, arrived = _read(room)
    return {"frames": frames, "arrived": arrived, "unsent": unsent}


def _rest() -> None:
    """Lets the kernel's own threads run. Several times, because the host may let one pass without running the guest."""
    for _ in range(_RESTS):
        time.sleep(_REST_S)


def _from_wire(room: _Room, tap: str, frame: str) -> None:
    os.write(room.taps[tap], binascii.a2b_base64(frame))


def _to_device(room: _Room, name: str, ethertype: int, packet: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.setblocking(False)
        sender.sendto(binascii.a2b_base64(packet), (name, ethertype))


def _frame_to_device(room: _Room, name: str, frame: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.setblocking(False)
        sender.bind((name, 0))
        sender.send(binascii.a2b_base64(frame))


def _locally(
    room: _Room, protocol: int, source: str, source_port: int, destination: str, port: int, payload: str
) -> None:
    family = socket.AF_INET6 if ":" in destination else socket.AF_INET
    datagram = protocol == _UDP
    with socket.socket(
        family, socket.SOCK_DGRAM if datagram else socket.SOCK_RAW, 0 if datagram else protocol
    ) as sender:
        sender.setblocking(False)
        if source or source_port:
            sender.bind((source, source_port))
        sender.sendto(binascii.a2b_base64(payload), (destination, port))


_SENDERS: dict[str, Any] = {"wire": _from_wire, "device": _to_device, "frame": _frame_to_device, "local": _locally}


def _read(room: _Room) -> tuple[list[Any], list[Any]]:
    """Frames with a probe's number from each wire, and [device, number] of what came in by another device."""
    frames = []
    for name, tap in room.taps.items():
        while True:
            try:
                frame = os.read(tap, 4096)
            except OSError:
                break
            if MAGIC in frame:
                frames.append([name, binascii.b2a_base64(frame, newline=False).decode()])
    arrived: list[Any] = []
    while True:
        try:
            frame, sender = room.sniffer.recvfrom(4096)
        except BlockingIOError:
            return frames, arrived
        found = frame.find(MAGIC)
        if found >= 0 and sender[0] not in room.taps:
            number = int.from_bytes(frame[found + len(MAGIC) : found + len(MAGIC) + 4], "big")
            arrived.append([sender[0], number])


def _write(path: str, value: str) -> None:
    with open(path, "w") as file:  # noqa: PTH123 - pathlib costs 60 ms in an emulated guest
        file.write(value)


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request; a failure becomes one line."""
    try:
        return {"ok": True, **judge(message)}
    except Exception as error:
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Serves until the host hangs up."""
    channel = LineChannel(open_port())
    prepare()
    channel.send({"hello": "judge", "kernel": os.uname().release})
    while True:
        try:
            message = channel.receive()
            channel.send(answer(message))
        except ChannelClosed:
            return
