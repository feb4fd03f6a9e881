"""What one run puts beside the set-up: its part of the initramfs, the interpreter, the machine to boot."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import sapper
from sapper.lab.qemu import Machine, shares
from sapper.lab.setup import Installed
from sapper.lab.unavailable import LabUnavailable

LIBRARIES = ("msgspec", "vici")


def machine_for(installed: Installed, run: bytes, accel: str, append: str, memory_mb: int, cpus: int) -> Machine:
    """The machine that boots ``installed`` with ``run`` (see initramfs) behind the common initramfs."""
    try:
        common = Path(installed.initramfs).read_bytes()
    except OSError as error:
        raise LabUnavailable(f"the guest's initramfs cannot be read: {error.strerror}") from None
    return Machine(
        kernel=installed.vmlinux,
        initrd=common + run,
        shares=shares(Path(installed.packages), Path(installed.modules)),
        memory_mb=memory_mb,
        cpus=cpus,
        accel=accel,
        append=append,
    )


def interpreter() -> str:
    """This interpreter without the virtual environment around it: the guest finds modules by :func:`module_paths`."""
    return os.path.realpath(sys.executable)


def module_paths() -> list[str]:
    """The directories that hold sapper and the libraries that the agent may import, as they are on the host."""
    found = [str(Path(sapper.__file__).resolve().parents[1])]
    for name in LIBRARIES:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            found.append(str(Path(spec.origin).parents[1]))
    return list(dict.fromkeys(found))
