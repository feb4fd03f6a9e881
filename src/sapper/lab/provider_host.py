"""The ``host`` provider: this machine's own kernel, in namespaces of its own, with the machine's own programs.

It is a :class:`Guest` to whoever uses it: the same agent answers the same messages. Nothing boots; the agent runs in a
sandbox (see there), so the host's network, files and clock stay as they are, and nothing is left when it ends.
"""

from __future__ import annotations

import os
import time

from sapper.lab import provider_check, versions
from sapper.lab.guest import Guest
from sapper.lab.initramfs import agent_command
from sapper.lab.machine import interpreter
from sapper.lab.sandbox import Sandbox
from sapper.lab.unavailable import GuestDied, GuestHung, LabUnavailable

START_S = 90.0


class Host(Guest):
    """Takes a Guest's arguments; those about the machine (memory, processors, kernel) mean nothing here.

    Entering the block raises LabUnavailable with one line that names what this host lacks.
    """

    def _boot(self) -> None:
        if reason := provider_check.refusal():
            raise LabUnavailable(f"provider host: {reason}; or use --provider vm")
        self.accel = self.provider = "host"
        started = time.monotonic()
        module, paths = self._agent
        self._start(lambda: Sandbox(agent_command(interpreter(), paths, module)))
        try:
            self.hello = self.receive(START_S)
        except (GuestDied, GuestHung) as failure:
            raise type(failure)(f"the lab's agent did not start on this host: {failure}") from None
        self.boot_s = time.monotonic() - started
        self.kernel = str(self.hello["kernel"])
        self.versions = {"linux": f"{self.kernel} ({os.uname().version})", **versions.user_space({})}
