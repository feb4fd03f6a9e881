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
from sapper.lab.machine import RunDirectory, machine_for
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
    machine = f"{os.uname().release} {os.uname().version} qemu {installed.qemu.version} guest {installed.release}"
    known = cache.recall(where, _NAME)
    if known.get("machine") != machine:
        progress(f"trying hardware acceleration, {PROBE_S:.0f} s at most")
        known = {"machine": machine, "accel": "kvm" if probe(installed) else "tcg"}
        cache.remember(where, _NAME, known)
    return known["accel"]


def probe(installed: Installed, accel: str = "kvm", deadline_s: float = PROBE_S) -> bool:
    """Whether a guest comes up and ends within the deadline."""
    run = RunDirectory()
    try:
        machine = machine_for(installed, run.path, probe_archive(), accel, "", 256, 1)
        process = Process(installed.qemu, machine, run.path / "qemu.log")
        try:
            ended = process.wait(deadline_s)
        finally:
            process.kill()
        return ended and PROBE_ANSWER in Path(machine.console).read_text(errors="replace")
    except (LabUnavailable, OSError):
        return False
    finally:
        run.remove()
