"""One strongSwan per router inside the guest: start, speak vici, stop in an orderly way, kill.

Each charon lives in its router's network namespace with a /run of its own (the daemon's process id file is a fixed
path), and a vici socket in a directory of its own. Nothing secret goes to a file: keys come over vici.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from sapper.lab.inside.room import ROOM, vti_mark
from sapper.live.namespace import inside

CHARON = "/usr/lib/ipsec/charon"
_START_DEADLINE_S, _START_OF_EACH_S = 30.0, 2.0
_STOP_DEADLINE_S = 20.0
_ROOM = Path(ROOM)
_POLL_S, _POLL_AT_MOST_S = 0.05, 0.25
_INSTALLED = frozenset({b"INSTALLED"})
_ALIVE = _INSTALLED | {b"UPDATING", b"REKEYING", b"REKEYED", b"RETRYING", b"DELETING", b"DELETED"}
_running: dict[str, subprocess.Popen[bytes]] = {}
_sessions: dict[str, Any] = {}


def start(message: dict[str, Any]) -> dict[str, Any]:
    """Starts the daemon of each node with that strongswan.conf text, and waits until vici answers."""
    for node, text in message["configurations"].items():
        room = _ROOM / node
        room.mkdir(parents=True, exist_ok=True)
        (room / "strongswan.conf").write_text(text.replace("@ROOM@", str(room)))
        for mark in room.glob("raised-*"):
            mark.unlink()
        for name, script in message.get("scripts", {}).get(node, {}).items():
            path = room / name
            path.write_text(script)
            path.chmod(0o755)
        (room / "charon.vici").unlink(missing_ok=True)
        _launch(node, room)
    import vici

    for node in message["configurations"]:
        _sessions[node] = vici.Session(_connect(node, _START_DEADLINE_S + _START_OF_EACH_S * len(_running)))
    return {"version": {key: value.decode() for key, value in _sessions[node].version().items()}}


def _launch(node: str, room: Path) -> None:
    environment = {"STRONGSWAN_CONF": str(room / "strongswan.conf"), "PATH": os.environ.get("PATH", "")}
    environment["PATH"] += ":/usr/sbin:/sbin:/usr/bin:/bin"
    log = (room / "console").open("ab")
    with inside(node), log:
        _running[node] = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", f"mount -t tmpfs none /run && exec {CHARON}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _connect(node: str, deadline_s: float = _START_DEADLINE_S) -> socket.socket:
    """A connection to the daemon's vici socket, as soon as it takes one."""
    path = _ROOM / node / "charon.vici"
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if _running[node].poll() is not None:
            raise RuntimeError(
                f"charon of {node} ended with status {_running[node].returncode}: {_last_words(node)}"
            )
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(str(path))
            link.settimeout(30)
            return link
        except OSError:
            link.close()
            time.sleep(0.02)
    raise RuntimeError(f"charon of {node} did not answer within {deadline_s:.0f} s: {_last_words(node)}")


def _last_words(node: str) -> str:
    try:
        lines = (_ROOM / node / "console").read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def kill(message: dict[str, Any]) -> dict[str, Any]:
    """SIGKILL: policies, states and routes stay in the kernel."""
    for node in message["nodes"]:
        _end(node, signal.SIGKILL)
    return {}


def stop(message: dict[str, Any]) -> dict[str, Any]:
    """SIGTERM: the daemon removes what it installed and ends."""
    for node in message["nodes"]:
        _end(node, signal.SIGTERM)
    return {}


def _end(node: str, number: signal.Signals) -> None:
    process = _running.pop(node, None)
    _sessions.pop(node, None)
    if process is None:
        return
    process.send_signal(number)
    try:
        process.wait(_STOP_DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def command(message: dict[str, Any]) -> dict[str, Any]:
    """One vici command. ``stream`` commands return their events; an error of the daemon comes back as ``failed``.

    Each has a connection of its own: after a command that failed or was late, answers may still be on their way.
    """
    import vici

    arguments = [message["arguments"]] if "arguments" in message else []
    with _connect(message["node"]) as link:
        method = getattr(vici.Session(link), message["command"].replace("-", "_"))
        try:
            result = method(*arguments)
            if message.get("stream"):
                result = list(result)
        except vici.exception.CommandException as error:
            return {"failed": str(error)}
    return {"result": _text(result)}


def commands(message: dict[str, Any]) -> dict[str, Any]:
    """``commands`` ([node, command, arguments]…) in order; ``strict`` ends at the first that fails and tells which."""
    import vici

    for at, (node, name, arguments) in enumerate(message["commands"]):
        with _connect(node) as link:
            try:
                result = getattr(vici.Session(link), name.replace("-", "_"))(arguments)
                if message.get("stream"):
                    list(result)
            except vici.exception.CommandException as error:
                if message["strict"]:
                    return {"failed": str(error), "at": at}
    return {}


def ask_only(node: str, command: str, arguments: dict[str, str]) -> socket.socket:
    """One vici command whose answer nobody reads: the daemon works on it, and may be killed, meanwhile.

    The connection is the caller's to close, when the command is over.
    """
    from vici.protocol import Message, Packet, Transport

    link = _connect(node)
    Transport(link).send(Packet.request(command, Message.serialize(arguments)))
    return link


def _children(nodes: list[str], states: frozenset[bytes]) -> dict[str, list[str]]:
    """The names of each node's children that are in one of these states."""
    found: dict[str, list[str]] = {}
    for node in nodes:
        found[node] = [
            child["name"].decode()
            for sa in _sas(node)
            for connection in sa.values()
            for child in connection.get("child-sas", {}).values()
            if child.get("state") in states
        ]
    return found


def _sas(node: str) -> list[dict[str, Any]]:
    """The node's IKE SAs; once more over a new connection where answers to something else were on the old one."""
    import vici

    try:
        return list(_sessions[node].list_sas({}))
    except (vici.exception.SessionException, OSError):
        _sessions[node] = vici.Session(_connect(node))
        return list(_sessions[node].list_sas({}))


def wait_for(message: dict[str, Any]) -> dict[str, Any]:
    """Polls until every node has all of its children installed (``present``) or none at all, or the time is up.

    A child that is being deleted still has its policies in the kernel: it is not gone. ``vtis`` are the links that
    their scripts must have raised or lowered too. While it waits it asks on only as long as the answers are what is
    waited for, those with the fewest children first: every question is work for a daemon that has other work to do.
    """
    end = time.monotonic() + message["deadline_s"]
    pause_s = _POLL_S
    states = _INSTALLED if message["present"] else _ALIVE
    order = sorted(message["children"].items(), key=lambda item: len(item[1]))
    there: dict[str, list[str]] = {}
    while True:
        done = True
        for node, wanted in order:
            there |= _children([node], states)
            found = set(there[node])
            done = done and (set(wanted) <= found if message["present"] else not set(wanted) & found)
            if not done and message["deadline_s"]:
                break
        done = done and all(
            Path(vti_mark(node, name)).exists() is message["present"]
            for node, names in message.get("vtis", {}).items()
            for name in names
        )
        if done or time.monotonic() > end:
            return {"done": done, "installed": there}
        # Asking costs processor time that the daemons need; what takes long may be noticed late.
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, _POLL_AT_MOST_S)


def logs(message: dict[str, Any]) -> dict[str, Any]:
    """The daemons' logs, for a person who looks for a reason."""
    found = {}
    for node in message["nodes"]:
        path = _ROOM / node / "charon.log"
        found[node] = path.read_text(errors="replace")[-message.get("limit", 20_000) :] if path.exists() else ""
    return {"logs": found}


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, dict):
        return {_text(key): _text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_text(item) for item in value]
    return value
