"""What one run puts beside the set-up: its temporary directory, its part of the initramfs, the machine to boot.

The directory is locked by its process as long as that lives, whatever kills it, so the next run can tell a dead
run's directory (its lock is free) from a living one's and removes it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import sapper
from sapper.lab import cache
from sapper.lab.qemu import Machine, shares
from sapper.lab.setup import Installed
from sapper.lab.unavailable import LabUnavailable

PREFIX = "sapper-guest-"
LIBRARIES = ("msgspec", "vici")


class RunDirectory:
    """A private directory in the system's temporary directory. Making one first removes those of dead runs."""

    def __init__(self) -> None:
        sweep_dead_runs()
        try:
            self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
            self._lock: int | None = cache.hold(self.path, exclusive=True)
        except OSError as error:
            raise LabUnavailable(f"no temporary directory for the guest: {error.strerror or error}") from None

    def remove(self) -> None:
        if self._lock is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            cache.release(self._lock)
            self._lock = None


def sweep_dead_runs() -> None:
    """Removes what runs left that were killed. A directory is young until it had time to be locked."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            owner = path.stat()
            if owner.st_uid == os.geteuid() and not _alive(path.name):
                cache.remove_unused(path)


def _alive(name: str) -> bool:
    """Whether the process that the directory is named for runs: only then may it be about to be locked."""
    pid = name.removeprefix(PREFIX).split("-")[0]
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def machine_for(
    installed: Installed, directory: Path, run: bytes, accel: str, append: str, memory_mb: int, cpus: int
) -> Machine:
    """The machine that boots ``installed`` with ``run`` (see initramfs) behind the common initramfs."""
    initrd = directory / "initramfs.cpio"
    try:
        initrd.write_bytes(Path(installed.initramfs).read_bytes() + run)
    except OSError as error:
        raise LabUnavailable(f"the guest's initramfs cannot be written: {error.strerror}") from None
    return Machine(
        kernel=installed.vmlinux,
        initrd=str(initrd),
        console=str(directory / "console.log"),
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
