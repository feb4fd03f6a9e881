"""FRR's daemons inside the guest: one zebra and its protocols per router, and what they have put into the kernel.

They are run from an unpacked package, so the libraries are named; the group that FRR wants for its terminals is bound
over the system's file in a mount namespace of each daemon's own. Everything else is below the router's own directory.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sapper.lab.inside.room import ROOM
from sapper.live.namespace import inside

_ROOM = Path(ROOM)
_GROUP = "root:x:0:\nfrrvty:x:991:root\nfrr:x:992:root\n"
_PROTOCOLS = {"bgp": ("bgpd", "186"), "ospf": ("ospfd", "188")}  # include/uapi/linux/rtnetlink.h, RTPROT_*
_START_S, _POLL_S = 30.0, 0.2
_ANSWER_END = b"\0\0\0"  # and one byte of status (FRR, lib/vty.c, vtysh_flush)
_UP = {"Full", "Established"}
_TALKING = {"ExStart", "Exchange", "Loading", "OpenSent", "OpenConfirm"}  # RFC 2328 10.1, RFC 4271 8.2.2

_running: dict[str, list[subprocess.Popen[bytes]]] = {}
_speaking: dict[str, list[str]] = {}


def start(message: dict[str, Any]) -> dict[str, Any]:
    """``tree``: where FRR is; ``configurations``: node to daemon to text. Waits until every daemon listens."""
    for node, texts in message["configurations"].items():
        room = _ROOM / node / "frr"
        room.mkdir(parents=True, exist_ok=True)
        (room / "group").write_text(_GROUP)
        for stale in (*room.glob("*.vty"), *room.glob("*.api")):
            stale.unlink()
        _running[node], _speaking[node] = [], [name for name in texts if name != "zebra"]
        for daemon, text in texts.items():
            (room / f"{daemon}.conf").write_text(text)
            _running[node].append(_launch(node, room, message["tree"], daemon))
            if daemon == "zebra":
                _await(node, room / "zserv.api", _running[node][-1])
    for node, texts in message["configurations"].items():
        for daemon, process in zip(texts, _running[node], strict=True):
            _await(node, _ROOM / node / "frr" / f"{daemon}.vty", process)
    return {}


def _launch(node: str, room: Path, tree: str, daemon: str) -> subprocess.Popen[bytes]:
    libraries = f"{tree}/usr/lib/x86_64-linux-gnu:{tree}/usr/lib/x86_64-linux-gnu/frr"
    words = [
        f"{tree}/usr/lib/frr/{daemon}",
        *("-u", "root", "-g", "root", "-f", str(room / f"{daemon}.conf"), "-i", str(room / f"{daemon}.pid")),
        *(
            "--vty_socket",
            str(room),
            "-z",
            str(room / "zserv.api"),
            "-P",
            "0",
            "--log",
            f"file:{room}/{daemon}.log",
        ),
    ]
    script = f'mount --bind {room}/group /etc/group && mount -t tmpfs none /run && mkdir -p /run/frr && exec "$@"'
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
    environment["PATH"] = environment.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin"
    with inside(node), (room / "console").open("ab") as log:
        return subprocess.Popen(
            ["unshare", "-m", "sh", "-c", script, "sh", *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _await(node: str, path: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > end:
            console = (_ROOM / node / "frr" / "console").read_text(errors="replace").strip().splitlines()
            raise RuntimeError(f"{path.stem} of {node} did not start: {(console or ['no reason given'])[-1]}")
        time.sleep(0.02)


def stop(_: dict[str, Any]) -> dict[str, Any]:
    """Ends every routing daemon; what they wrote into the kernel goes with the namespaces."""
    for processes in _running.values():
        for process in processes:
            process.kill()
    for processes in _running.values():
        for process in processes:
            process.wait()
    _running.clear()
    _speaking.clear()
    return {}


def learnt(message: dict[str, Any]) -> dict[str, Any]:
    """What every router has learnt, once it is settled: nothing has changed for ``still_s``, or all of ``wanted``.

    Where two neighbours are just telling each other what they know, something is about to change.
    ``wanted``: node to the prefixes after which nothing more is waited for; None where nothing is expected.
    """
    end = time.monotonic() + message["limit_s"]
    still_since, last = time.monotonic(), None
    while True:
        now = {node: _learnt(node) for node in _speaking}
        talking = [entry.pop("talking") for entry in now.values()]
        if now != last or any(talking):
            still_since, last = time.monotonic(), now
        wanted = message["wanted"]
        complete = wanted is not None and all(
            set(prefixes) <= {route[0] for route in now[node]["routes"]} for node, prefixes in wanted.items()
        )
        still = time.monotonic() - still_since >= message["still_s"] and wanted is None
        if complete or still or time.monotonic() > end:
            return {"learnt": now, "settled": complete or still}
        time.sleep(_POLL_S)


def _learnt(node: str) -> dict[str, Any]:
    routes = []
    for daemon in _speaking[node]:
        number = next(number for name, number in _PROTOCOLS.values() if name == daemon)
        words = ["ip", "-n", node, "-j", "route", "show", "proto", number]
        shown = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False).stdout
        for route in json.loads(shown or "[]"):
            routes += [[route["dst"], route.get("gateway"), route["dev"]]] if _usable(route) else []
    states = [state for daemon in _speaking[node] for state in _neighbours(node, daemon)]
    return {
        "routes": sorted(routes, key=str),
        "neighbours": sum(state in _UP for state in states),
        "talking": any(state in _TALKING for state in states),
    }


def _usable(route: dict[str, Any]) -> bool:
    """A lowered link keeps its routes for a moment, dead: the kernel does not use them."""
    return "dev" in route and not {"dead", "linkdown"} & set(route.get("flags", ()))


def _neighbours(node: str, daemon: str) -> list[str]:
    """The state of each neighbour of a daemon, in the daemon's words."""
    if daemon == "ospfd":
        shown = _asked(node, daemon, "show ip ospf neighbor json")
        found = [item for items in shown.get("neighbors", {}).values() for item in items]
        return [str(item.get("nbrState", item.get("state", ""))).split("/")[0] for item in found]
    shown = _asked(node, daemon, "show bgp ipv4 unicast summary json")
    peers = shown.get("peers") or shown.get("ipv4Unicast", {}).get("peers", {})
    return [str(peer.get("state")) for peer in peers.values()]


def _asked(node: str, daemon: str, command: str) -> dict[str, Any]:
    """A daemon's answer to a show command, over its terminal socket as vtysh speaks it; {} where it gives none."""
    answer = b""
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(10)
            link.connect(str(_ROOM / node / "frr" / f"{daemon}.vty"))
            link.sendall(command.encode() + b"\0")
            while _ANSWER_END not in answer:
                part = link.recv(65536)
                if not part:
                    break
                answer += part
        found = json.loads(answer.split(_ANSWER_END, 1)[0].decode(errors="replace") or "{}")
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


HANDLERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "start-routing": start,
    "stop-routing": stop,
    "learnt-routes": learnt,
}
