"""Whether hardware acceleration works here, which only a booted guest can tell.

/dev/kvm may open and answer and yet hang every guest (nested virtualisation), so a guest is booted with a deadline,
once per host kernel, QEMU and guest kernel; the cache remembers the result. Without acceleration QEMU emulates.
"""

from __future__ import annotations

import os
from pathlib import Path

from sapper.lab import cache
from sapper.lab.cache import Progress
from sapper.lab.initramfs import PROBE_ANSWER, probe_archive
from sapper.lab.machine import machine_for
from sapper.lab.qemu import Process
from sapper.lab.setup import Installed
from sapper.lab.unavailable import LabUnavailable

PROBE_S = 10.0
_NAME = "acceleration"
_DEVICE = "/dev/kvm"


def choose(installed: Installed, progress: Progress) -> str:
    """``kvm`` or ``tcg``. ``SAPPER_ACCEL`` overrides."""
    named = os.environ.get("SAPPER_ACCEL")
    if named in {"kvm", "tcg"}:
        return named
    if not os.access(_DEVICE, os.R_OK | os.W_OK):
        return "tcg"
    where = Path(installed.cache)
    machine = f"{os.uname().release} {os.uname().version} qemu {installed.qemu.version}"
    guest = f"{machine} guest {installed.release}"
    known = {key: accel for key, accel in cache.recall(where, _NAME).items() if key.startswith(machine)}
    if guest not in known:
        progress(f"trying hardware acceleration, {PROBE_S:.0f} s at most")
        known[guest] = "kvm" if probe(installed) else "tcg"
        cache.remember(where, _NAME, known)
    return known[guest]


def probe(installed: Installed, accel: str = "kvm", deadline_s: float = PROBE_S) -> bool:
    """Whether a guest comes up and ends within the deadline."""
    try:
        process = Process(installed.qemu, machine_for(installed, probe_archive(), accel, "", 256, 1))
        try:
            ended = process.wait(deadline_s)
        finally:
            process.kill()
        return ended and PROBE_ANSWER in process.console()
    except (LabUnavailable, OSError):
        return False
