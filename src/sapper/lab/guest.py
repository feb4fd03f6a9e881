"""A running guest kernel with an agent in it, as a context manager.

The guest boots from the set-up's kernel with the host's root under an overlay; the agent module runs there with this
interpreter and speaks JSON lines. Every wait has a deadline, and a boot that fails is tried once more. Whatever
happens to this process, nothing is left: leaving the block, SIGINT and SIGTERM end QEMU, SIGKILL makes the kernel end
it, and a run has no file with a name. The guest dies with the thread that
started it (PR_SET_PDEATHSIG), so start it from a thread that lives as long.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

from sapper.lab import acceleration, cache, initramfs
from sapper.lab.channel import ChannelClosed, ChannelTimeout, LineChannel
from sapper.lab.machine import interpreter, machine_for, module_paths
from sapper.lab.qemu import Process
from sapper.lab.sandbox import Sandbox
from sapper.lab.setup import Installed, setup
from sapper.lab.unavailable import GuestDied, GuestHung

SEND_S = 30.0
_TRIES = 2
_LAST_WORDS_S = 2.0


def _silent(_: str) -> None:
    """The progress of a caller who wants none."""


class Guest:
    """Boots on entering the block.

    ``agent_module`` runs as ``__main__`` in the guest, is searched in ``agent_paths`` first, and must send a message
    (hello) at once. ``boot_deadline_s`` covers both tries, the first one has half of it. ``kernel`` is a word of
    :func:`sapper.lab.kernel_choice.choose_kernel`.
    """

    kernel: str
    boot_s: float
    accel: str
    provider: str
    versions: dict[str, str]
    installed: Installed
    hello: dict[str, Any]

    def __init__(
        self,
        *,
        memory_mb: int = 512,
        cpus: int = 1,
        boot_deadline_s: float = 90.0,
        agent_module: str = "sapper.lab.agent",
        agent_paths: tuple[str, ...] = (),
        progress: Callable[[str], None] = _silent,
        extra_append: str = "",
        kernel: str | None = None,
    ) -> None:
        self._size = (memory_mb, cpus)
        self._deadline_s = boot_deadline_s
        self._agent = (agent_module, [*agent_paths, *module_paths()])
        self._progress = progress
        self._append = extra_append
        self._choice = kernel
        self._held: list[int] = []
        self._process: Process | Sandbox | None = None
        self._channel: LineChannel | None = None
        self._closed = False
        self._lock = threading.RLock()
        self._signals = ExitStack()

    def __enter__(self) -> Self:
        self._signals.enter_context(exit_on_sigterm())
        try:
            self._boot()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, message: dict[str, Any]) -> None:
        self._speak(lambda channel: channel.send(message, SEND_S), SEND_S)

    def receive(self, deadline_s: float) -> dict[str, Any]:
        """The agent's next message. Raises GuestHung after ``deadline_s``, GuestDied if the guest is gone."""
        message: dict[str, Any] = self._speak(lambda channel: channel.receive(deadline_s), deadline_s)
        return message

    def call(self, message: dict[str, Any], deadline_s: float) -> dict[str, Any]:
        self.send(message)
        return self.receive(deadline_s)

    def console(self) -> str:
        """The end of what the guest's console said, for a report of a failure."""
        return self._process.last_words() if self._process else ""

    def close(self) -> None:
        """Ends the guest at once; it has nothing to save.

        May be called twice, and from another thread while one boots or waits: that one gets GuestDied.
        """
        with self._lock:
            self._closed = True
            try:
                self._stop()
            finally:
                while self._held:
                    cache.release(self._held.pop())
                self._signals.close()

    def _stop(self) -> None:
        with self._lock:
            process, self._process, self._channel = self._process, None, None
            if process is not None:
                process.kill()

    def _speak(self, action: Callable[[LineChannel], Any], deadline_s: float) -> Any:
        process, channel = self._process, self._channel
        if channel is None or process is None:
            raise GuestDied("the guest is not running")
        try:
            return action(channel)
        except ChannelTimeout:
            said = process.last_words()
            raise GuestHung(
                f"the guest did not answer within {deadline_s:.0f} s; its console said: {said}"
            ) from None
        except ChannelClosed:
            process.wait(_LAST_WORDS_S)
            raise GuestDied(f"the guest ended by itself; its console said: {process.last_words()}") from None
        except ValueError:
            raise GuestDied("the guest's agent sent a line that is not JSON") from None

    def _boot(self) -> None:
        self.installed = setup(self._progress, kernel=self._choice)
        self.versions = self.installed.versions
        self._held = [cache.hold(directory) for directory in self.installed.directories()]
        self.accel = acceleration.choose(self.installed, self._progress)
        self.provider = f"vm:{self.accel}"
        started = time.monotonic()
        for left in range(_TRIES, 0, -1):
            try:
                self._try_boot((self._deadline_s - (time.monotonic() - started)) / left)
            except (GuestHung, GuestDied) as failure:
                self._stop()
                if self._closed:
                    raise GuestDied("the guest was closed while it booted") from None
                if left == 1:
                    waited = time.monotonic() - started
                    raise type(failure)(f"no guest after {_TRIES} tries in {waited:.0f} s: {failure}") from None
                self._progress(f"{failure}; trying once more")
            else:
                return

    def _try_boot(self, deadline_s: float) -> None:
        started = time.monotonic()
        module, paths = self._agent
        archive = initramfs.run_archive(interpreter(), paths, module)
        machine = machine_for(self.installed, archive, self.accel, self._append, *self._size)
        self._start(lambda: Process(self.installed.qemu, machine))
        self.hello = self.receive(max(deadline_s, 0.0))
        self.boot_s = time.monotonic() - started
        self.kernel = str(self.hello.get("kernel", self.installed.release))

    def _start(self, process: Callable[[], Process | Sandbox]) -> None:
        """Starts the process that holds the kernel, unless somebody closed it meanwhile."""
        with self._lock:
            if self._closed:
                raise GuestDied("the guest was closed")
            self._process = process()
            self._channel = LineChannel(self._process.channel.fileno())


@contextmanager
def exit_on_sigterm() -> Iterator[None]:
    """A SIGTERM that nobody handles becomes an exit with clean-up, as Ctrl-C does.

    Only a program's main thread can arrange that: whoever runs guests in other threads wraps them in this.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _exit_by_signal)
    try:
        yield
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _exit_by_signal(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
