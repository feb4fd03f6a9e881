"""The agent that installs a Plan in a guest, sends frames into its wires, and reports what comes out of them.

``eth0`` and ``eth1`` have their other ends, ``far0`` and ``far1``, in the same namespace, where packet sockets write
and read them: nothing of the stack answers there, so neighbours are written by hand.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import time
from typing import Any

from sapper.kernel.wire import decode_plan
from sapper.live.install import install
from sapper.live.namespace import create_namespace, delete_namespace, inside, open_namespace
from sapper.live.netlink.connection import KernelRefused, NetlinkConnection
from sapper.live.netlink.link import create_veth

NAMESPACE = "sapper-clamps"
MAC = {
    "eth0": "02:00:00:00:00:01",
    "eth1": "02:00:00:00:00:02",
    "far0": "02:00:00:00:00:03",
    "far1": "02:00:00:00:00:04",
}
ETH_P_ALL = 3
WAIT_S, QUIET_S = 2.0, 0.4


def observe(message: dict[str, Any]) -> dict[str, Any]:
    """Run ``before``, install ``made``, run ``commands``, send each of ``sent``: pairs of a far end and a frame in
    hexadecimal.
    """
    create_namespace(NAMESPACE)
    descriptor = open_namespace(NAMESPACE)
    try:
        with NetlinkConnection.open() as outside:
            for pair in (("eth0", "far0"), ("eth1", "far1")):
                outside.send([create_veth(*pair, netns_fd=descriptor, peer_netns_fd=descriptor)])
        with inside(NAMESPACE), NetlinkConnection.open() as connection:
            for name, mac in MAC.items():
                run(f"ip link set {name} address {mac} up")
            for command in message.get("before", ()):
                run(command)
            install(decode_plan(message["made"]), connection)
            for command in message["commands"]:
                run(command)
            return {"received": [received(end, bytes.fromhex(frame)) for end, frame in message["sent"]]}
    finally:
        os.close(descriptor)
        delete_namespace(NAMESPACE)


def received(end: str, frame: bytes) -> list[list[str]]:
    """What leaves the router after one frame: pairs of the far end and the frame. Waits until it is quiet."""
    sockets = {}
    for name in ("far0", "far1"):
        sockets[name] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        sockets[name].bind((name, ETH_P_ALL))
    found: list[list[str]] = []
    try:
        sockets[end].send(frame)
        until = time.monotonic() + WAIT_S
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select(list(sockets.values()), [], [], left)
            for name, each in sockets.items():
                if each not in ready:
                    continue
                data, origin = each.recvfrom(65535)
                if origin[2] != socket.PACKET_OUTGOING and data != frame:
                    found.append([name, data.hex()])
                    until = time.monotonic() + QUIET_S
    finally:
        for each in sockets.values():
            each.close()
    return found


def run(command: str) -> None:
    done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr.strip()}")


def main() -> None:
    from sapper.lab.channel import ChannelClosed, LineChannel, open_port

    channel = LineChannel(open_port())
    channel.send({"hello": "clamps", "kernel": os.uname().release})
    while True:
        try:
            message = channel.receive()
        except ChannelClosed:
            return
        try:
            channel.send(observe(message))
        except (KernelRefused, RuntimeError) as refusal:
            channel.send({"refused": str(refusal)})


if __name__ == "__main__":
    main()
