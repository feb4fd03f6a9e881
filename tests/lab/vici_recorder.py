"""A vici socket that answers yes and keeps what it is told: what strongSwan's own swanctl read in a file.

swanctl runs on this host from the guest's packages, without any plugin, so it needs neither charon nor a kernel.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from vici.protocol import FiniteStream, Message, Packet

_YES = Message.serialize({"success": "yes"})
Said = list[tuple[str, dict[str, Any]]]


def loaded(text: str, packages: Path) -> Said:
    """The commands that ``swanctl --load-all`` sends for this swanctl.conf, with their messages (values are bytes)."""
    said: Said = []
    with tempfile.TemporaryDirectory() as room, socket.socket(socket.AF_UNIX) as listening:
        (Path(room) / "file.conf").write_bytes(text.encode("utf-8", "surrogateescape"))
        (Path(room) / "strongswan.conf").write_text("swanctl {\n  load =\n}\n")
        listening.bind(f"{room}/vici")
        listening.listen()
        listening.settimeout(20)
        answering = threading.Thread(target=_answer, args=(listening, said))
        answering.start()
        swanctl = packages / "usr/sbin/swanctl"
        words = ["--load-all", "--uri", f"unix://{room}/vici", "--file", f"{room}/file.conf"]
        done = subprocess.run(
            [swanctl if swanctl.exists() else "swanctl", *words],
            env={
                "STRONGSWAN_CONF": f"{room}/strongswan.conf",
                "LD_LIBRARY_PATH": str(packages / "usr/lib/ipsec"),
                "PATH": os.environ.get("PATH", ""),
            },
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        answering.join(30)
    assert done.returncode == 0, done.stderr + done.stdout
    return said


def _answer(listening: socket.socket, said: Said) -> None:
    try:
        link, _ = listening.accept()
    except TimeoutError:
        return
    with link:
        while packet := _packet(link):
            if packet[0] == Packet.CMD_REQUEST:
                end = 2 + packet[1]
                said.append((packet[2:end].decode(), Message.deserialize(FiniteStream(packet[end:]))))
                _send(link, bytes([Packet.CMD_RESPONSE]) + _YES)
            else:
                _send(link, bytes([Packet.EVENT_CONFIRM]))


def _packet(link: socket.socket) -> bytes:
    head = link.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        return b""
    return link.recv(struct.unpack("!I", head)[0], socket.MSG_WAITALL)


def _send(link: socket.socket, payload: bytes) -> None:
    link.sendall(struct.pack("!I", len(payload)) + payload)
