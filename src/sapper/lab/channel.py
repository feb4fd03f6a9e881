"""JSON messages, one a line, over one file descriptor: a virtio-serial port in the guest, a socket on the host.

Both ends use this module. The guest imports it under emulation, where every import costs ten times what it costs
on the host, so it needs only small parts of the standard library. A message may have several megabytes: reading and
writing go by chunks, the descriptor is non-blocking, and every wait has a deadline or ends when the other end does.
A line that is not JSON is an error, never skipped.
"""

from __future__ import annotations

import json
import os
import select
import time

TYPE_CHECKING = False  # typing itself takes 100 ms to import in an emulated guest
if TYPE_CHECKING:
    from typing import Any

PORT_NAME = "sapper.0"
# On the host's own kernel there is no port: the agent inherits a socket, and this variable names its descriptor.
DESCRIPTOR = "SAPPER_CHANNEL"
CHUNK = 1 << 16


class ChannelClosed(Exception):
    """The other end is gone."""


class ChannelTimeout(Exception):
    """Nothing complete arrived within the deadline."""


class LineChannel:
    """Sends and receives dicts over ``fd``, which stays the caller's to close."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._received = bytearray()
        self._searched = 0
        os.set_blocking(fd, False)

    def send(self, message: dict[str, Any], deadline_s: float | None = None) -> None:
        """Writes one message. Raises :class:`ChannelClosed` or :class:`ChannelTimeout`."""
        end = None if deadline_s is None else time.monotonic() + deadline_s
        left = memoryview(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        while left:
            try:
                left = left[os.write(self.fd, left[:CHUNK]) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, end)
            except (BrokenPipeError, ConnectionResetError):
                raise ChannelClosed from None

    def receive(self, deadline_s: float | None = None) -> dict[str, Any]:
        """Reads one message. Raises :class:`ChannelClosed` or :class:`ChannelTimeout`."""
        end = None if deadline_s is None else time.monotonic() + deadline_s
        while (newline := self._received.find(b"\n", self._searched)) < 0:
            self._searched = len(self._received)
            self._read(end)
        line = bytes(self._received[:newline])
        del self._received[: newline + 1]
        self._searched = 0
        message: dict[str, Any] = json.loads(line)
        return message

    def _read(self, end: float | None) -> None:
        try:
            chunk = os.read(self.fd, CHUNK)
        except BlockingIOError:
            self._wait(select.POLLIN, end)
            return
        except ConnectionResetError:
            raise ChannelClosed from None
        if not chunk:
            raise ChannelClosed
        self._received += chunk

    def _wait(self, event: int, end: float | None) -> None:
        """Waits until ``event`` is possible; a hang-up with nothing left to read is the end of the channel."""
        poll = select.poll()
        poll.register(self.fd, event)
        timeout = None if end is None else max(0.0, end - time.monotonic()) * 1000
        ready = poll.poll(timeout)
        if not ready:
            raise ChannelTimeout
        if ready[0][1] & (select.POLLHUP | select.POLLERR) and not ready[0][1] & event:
            raise ChannelClosed


def open_port(name: str = PORT_NAME) -> int:
    """The guest's end: the descriptor of the virtio-serial port called ``name``.

    There is no udev in the guest, so no ``/dev/virtio-ports``: sysfs says which device has the name.
    """
    if DESCRIPTOR in os.environ:
        return int(os.environ[DESCRIPTOR])
    root = "/sys/class/virtio-ports"
    for port in os.listdir(root):  # noqa: PTH208 - pathlib costs 60 ms in an emulated guest
        with open(f"{root}/{port}/name") as file:  # noqa: PTH123
            if file.read().strip() == name:
                return os.open(f"/dev/{port}", os.O_RDWR | os.O_CLOEXEC)
    raise FileNotFoundError(name)
