"""A person at a terminal: types, waits for words, changes the window's size."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Person:
    """Runs a program on a terminal of its own. ``said`` is everything that it has shown so far."""

    def __init__(self, words: Sequence[str], deadline_s: float, cwd: Path | None = None) -> None:
        self._master, self._slave = os.openpty()
        self.resize(24, 80, None)
        self.before = self.settings()
        self.said = ""
        self._seen = 0
        self._end = time.monotonic() + deadline_s
        self.process = subprocess.Popen(
            list(words),
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )

    def settings(self) -> list[Any]:
        return termios.tcgetattr(self._slave)

    def resize(self, rows: int, columns: int, number: int | None) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("=4H", rows, columns, 0, 0))
        if number is not None:
            self.process.send_signal(number)

    def types(self, text: str) -> None:
        os.write(self._master, text.encode())

    def sees(self, words: str) -> str:
        """Waits for the words; what was shown up to them since the last time."""
        while words not in self.said[self._seen :]:
            left = self._end - time.monotonic()
            missing = f"never saw {words!r} in {self.said[self._seen :]!r}"
            assert left > 0, missing
            assert select.select([self._master], [], [], left)[0], missing
            self.said += os.read(self._master, 4096).decode(errors="replace")
        start, self._seen = self._seen, self.said.index(words, self._seen) + len(words)
        return self.said[start : self._seen]

    def ends(self) -> int:
        """The program's exit status."""
        while self.process.poll() is None and time.monotonic() < self._end:
            if select.select([self._master], [], [], 0.05)[0]:
                self.said += os.read(self._master, 4096).decode(errors="replace")
        return self.process.wait(max(0.0, self._end - time.monotonic()))

    def leaves(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        os.close(self._slave)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
