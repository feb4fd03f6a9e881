"""A process that answers over a socket pair and dies with this one: what QEMU and the host's sandbox have in common.

It runs in a session of its own, so that Ctrl-C reaches only the parent, and it is ended with everything in that session.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import weakref
from collections.abc import Sequence
from contextlib import suppress

from sapper.lab.memory_file import MemoryFile
from sapper.lab.unavailable import LabUnavailable


class Child:
    """``command`` with ``theirs``, its end of the channel, and other descriptors; what it says goes into ``said``.

    ``channel`` is this end; it ends when the process does. Raises LabUnavailable where ``named`` cannot be run.
    """

    def __init__(
        self,
        command: Sequence[str],
        named: str,
        environment: dict[str, str],
        said: MemoryFile,
        channel: socket.socket,
        descriptors: Sequence[int],
    ) -> None:
        self.channel = channel
        weakref.finalize(self, channel.close)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said.descriptor,
                stderr=said.descriptor,
                env=environment,
                pass_fds=descriptors,
                start_new_session=True,
            )
        except OSError as error:
            raise LabUnavailable(f"{named} cannot be run: {error.strerror}") from None

    def wait(self, deadline_s: float) -> bool:
        """Whether it ended within the deadline."""
        try:
            self._process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """Ends it, everything that it started, and the channel.

        Whoever waits on the channel in another thread sees its end: it is only shut down here, and closed when nobody
        refers to this process any more, so the descriptor cannot mean another file meanwhile.
        """
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with suppress(OSError):
            self.channel.shutdown(socket.SHUT_RDWR)
