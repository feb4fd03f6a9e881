"""A person's shell in a router's network namespace, spoken over the agent's channel while it lasts.

The host sends ``{"in": BYTES}`` (base64; empty for the end of input) and ``{"size": [ROWS, COLUMNS]}``, the agent
``{"out": BYTES}`` and ``{"err": BYTES}``; the answer with ``status`` is the last message. A terminal gets a pty of its
own, so Ctrl-C, job control and window sizes work as anywhere; without one, output and errors stay apart.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
from typing import Any

from sapper.lab.channel import ChannelTimeout, LineChannel
from sapper.lab.inside.room import ROOM

_CHUNK = 1 << 14
_BASH = "/bin/bash"
_DRAIN_S = 0.2


def serve(channel: LineChannel, message: dict[str, Any]) -> dict[str, Any]:
    """Runs the shell of ``node`` until it ends, ``terminal`` or not, with ``size`` rows and columns."""
    try:
        if message.get("terminal"):
            return {"ok": True, "status": _on_terminal(channel, message)}
        return {"ok": True, "status": _on_pipes(channel, message)}
    except OSError as error:
        return {"ok": False, "error": f"no shell in {message.get('node')}: {error}"}


def _on_terminal(channel: LineChannel, message: dict[str, Any]) -> int:
    ours, theirs = os.openpty()
    _resize(ours, message["size"])
    interactive = [_BASH, "--norc", "--noprofile", "-i"] if os.path.exists(_BASH) else ["/bin/sh", "-i"]  # noqa: PTH110
    process = subprocess.Popen(
        _inside(message["node"], interactive),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=_environment(message),
        cwd="/",
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(theirs)
    _relay(channel, process, ours, {ours: "out"})
    os.close(ours)
    return _status(process)


def _on_pipes(channel: LineChannel, message: dict[str, Any]) -> int:
    process = subprocess.Popen(
        _inside(message["node"], ["/bin/sh", *(["-c", message["command"]] if "command" in message else [])]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(message),
        cwd="/",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdin as to, process.stdout as out, process.stderr as err:
        _relay(channel, process, to.fileno(), {out.fileno(): "out", err.fileno(): "err"})
    return _status(process)


def _inside(node: str, words: list[str]) -> list[str]:
    """``ip netns exec`` gives it the namespace's own /sys as well."""
    return ["ip", "netns", "exec", node, *words]


def _environment(message: dict[str, Any]) -> dict[str, str]:
    node = message["node"]
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "TERM": message.get("term") or "dumb",
        "PS1": f"{node}# ",
        "HISTFILE": "",
        "STRONGSWAN_CONF": f"{ROOM}/{node}/strongswan.conf",
        "VICI": f"unix://{ROOM}/{node}/charon.vici",
    }


def _take_terminal() -> None:
    """In the child: the pty becomes the controlling terminal of its session (tty_ioctl(4))."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _resize(terminal: int, size: list[int]) -> None:
    import fcntl
    import struct
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("=4H", size[0], size[1], 0, 0))


def _relay(channel: LineChannel, process: subprocess.Popen[bytes], to: int, sources: dict[int, str]) -> None:
    """Both ways until nothing more can come out, or the shell has ended and what it left behind is silent."""
    waiting = bytearray()
    ended = False
    reading = dict(sources)
    poll = select.poll()
    for source in (*reading, channel.fd):
        poll.register(source, select.POLLIN)
    os.set_blocking(to, False)
    while reading:
        for source, _ in poll.poll(50 if waiting else 500):
            if source in reading and not _forward(channel, source, reading[source]):
                poll.unregister(source)
                del reading[source]
        while (message := _next(channel)) is not None:
            if "size" in message:
                _resize(to, message["size"])
            waiting += _decode(message.get("in", ""))
            ended = ended or message.get("in") == ""
        _write(to, waiting)
        if ended and not waiting:
            ended = False
            _end_input(process)
        if process.poll() is not None and reading and not select.select(list(reading), [], [], _DRAIN_S)[0]:
            return


def _next(channel: LineChannel) -> dict[str, Any] | None:
    try:
        return channel.receive(0)
    except ChannelTimeout:
        return None


def _forward(channel: LineChannel, source: int, name: str) -> bool:
    """What the shell has written, to the host; False at its end. A pty's end is an error (EIO)."""
    import base64

    try:
        content = os.read(source, _CHUNK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    if content:
        channel.send({name: base64.b64encode(content).decode()})
    return bool(content)


def _write(to: int, waiting: bytearray) -> None:
    try:
        while waiting:
            del waiting[: os.write(to, waiting[:_CHUNK])]
    except BlockingIOError:
        return
    except OSError:
        waiting.clear()  # the shell reads no more


def _end_input(process: subprocess.Popen[bytes]) -> None:
    """No more comes from the person: a pipe ends; a terminal has hung up."""
    if process.stdin is not None:
        process.stdin.close()
    else:
        process.send_signal(signal.SIGHUP)


def _decode(text: str) -> bytes:
    import base64

    return base64.b64decode(text)


def _status(process: subprocess.Popen[bytes]) -> int:
    """As a shell says it: 128 and the number of the signal that ended it."""
    if process.stdin is not None and not process.stdin.closed:
        process.stdin.close()
    status = process.wait()
    return 128 - status if status < 0 else status
