"""A person in a router of a booted lab: this terminal, or standard input and output, joined to a shell in the guest.

With a terminal on both ends it is put into raw mode, so that Ctrl-C and every other key go to the router, and window
sizes follow; it is restored whatever happens. ``Ctrl-]`` leaves at once, for a guest that hangs. Without a terminal the
lines of standard input are run and their output and errors come back apart. The reading of standard input has a
thread of its own, the only one that sends.
"""

from __future__ import annotations

import base64
import contextlib
import os
import select
import shutil
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sapper.lab.guest import Guest
from sapper.lab.rig import Rig
from sapper.lab.routing_component import routing_tree
from sapper.lab.run import Setup
from sapper.lab.scenario import drive
from sapper.lab.swanctl import Timers
from sapper.lab.unavailable import LabUnavailable
from sapper.proof.states.lifecycle import TABLE

Progress = Callable[[str], None]


class Wanted(NamedTuple):
    """The lifecycle state to be in; ``cause`` (local, peer, dpd) of ``deleted`` where it matters."""

    state: str
    cause: str | None = None


CAUSES = tuple(dict.fromkeys(row.cause for row in TABLE if row.cause and not row.momentary))
LEAVE = b"\x1d"  # Ctrl-], as telnet(1) has it
LEFT = 130
_LONGEST_S = 7 * 86_400.0
_CHUNK = 4096


class NeverThere(LabUnavailable):
    """The lab has no such state for this router."""


def shell_in(setup: Setup, guest: Guest, node: str, wanted: Wanted, progress: Progress, command: str | None) -> int:
    """Drives a booted guest to the wanted state of ``node``, and lets a person in; the shell's exit status.

    Raises NeverThere where the state is none of the router's, LabUnavailable where the lab cannot get there.
    """
    rig = Rig(guest, setup.topology, setup.sides, Timers())
    rig.build()
    if setup.topology.routing:
        rig.start_routing(str(routing_tree(progress)[0]))
    judged = node if node in rig.names else rig.names[0]
    for point in drive(rig, frozenset({wanted.state}), progress):
        row = point.rows.get(judged)
        if row is not None and row.state == wanted.state and wanted.cause in (None, row.cause):
            progress(f"{node} in the state {row.label}; 'exit' ends the lab, Ctrl-] at once")
            return attend(guest, node, command)
    cause = f" by {wanted.cause}" if wanted.cause else ""
    raise NeverThere(f"{judged} is never in the state {wanted.state}{cause} with these configurations")


def attend(guest: Guest, node: str, command: str | None = None) -> int:
    """Joins standard input and output to a shell in ``node`` until it ends; its exit status.

    With ``command`` that alone is run, and standard input goes to it. Raises LabUnavailable if the guest is gone.
    """
    terminal = command is None and sys.stdin.isatty() and sys.stdout.isatty()
    request: dict[str, Any] = {"do": "shell", "node": node, "terminal": terminal}
    if command is not None:
        request["command"] = command
    if terminal:
        request |= {"size": _size(), "term": os.environ.get("TERM", "")}
    guest.send(request)
    with _raw() if terminal else contextlib.nullcontext(), _Sender(guest, terminal=terminal) as sender:
        return _listen(guest, sender)


def _listen(guest: Guest, sender: _Sender) -> int:
    streams = {"out": 1, "err": 2}
    while True:
        try:
            message = guest.receive(_LONGEST_S)
        except LabUnavailable:
            if sender.left:
                return LEFT
            raise
        for name, descriptor in streams.items():
            if name in message:
                _write(descriptor, base64.b64decode(message[name]))
        if "ok" in message:
            if not message["ok"]:
                raise LabUnavailable(f"in the guest: {message.get('error')}")
            return int(message["status"])


def _write(descriptor: int, content: bytes) -> None:
    """Everything, to a terminal that may be slow; a reader that went away is no reason to end the shell."""
    while content:
        try:
            content = content[os.write(descriptor, content) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
        except BrokenPipeError:
            return


class _Sender:
    """Sends what comes on standard input, and the window's size when it changes, from a thread of its own."""

    def __init__(self, guest: Guest, *, terminal: bool) -> None:
        self.left = False
        self._guest = guest
        self._terminal = terminal
        self._wake_read, self._wake_write = os.pipe()
        self._previous: Any = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Sender:
        os.set_blocking(self._wake_write, False)
        if self._terminal:
            self._previous = signal.signal(signal.SIGWINCH, lambda *_: self._wake(b"w"))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            signal.signal(signal.SIGWINCH, self._previous or signal.SIG_DFL)
        self._wake(b"e")
        self._thread.join(2.0)
        os.close(self._wake_write)
        os.close(self._wake_read)

    def _wake(self, what: bytes) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, what)

    def _run(self) -> None:
        with contextlib.suppress(LabUnavailable, OSError):
            self._send_all()

    def _send_all(self) -> None:
        descriptor = 0
        sources = [descriptor, self._wake_read]
        while True:
            ready = select.select(sources, [], [])[0]
            if self._wake_read in ready:
                if b"e" in os.read(self._wake_read, 64):
                    return
                self._guest.send({"size": _size()})
            if descriptor in ready:
                content = os.read(descriptor, _CHUNK)
                if self._terminal and LEAVE in content:
                    self.left = True
                    self._guest.close()
                    return
                self._guest.send({"in": base64.b64encode(content).decode()})
                if not content:
                    sources.remove(descriptor)


def _size() -> list[int]:
    """Rows and columns."""
    columns, rows = shutil.get_terminal_size()
    with contextlib.suppress(OSError):
        found = os.get_terminal_size(0)
        rows, columns = found.lines, found.columns
    return [rows, columns]


@contextlib.contextmanager
def _raw() -> Iterator[None]:
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
