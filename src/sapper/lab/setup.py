"""Set-up of the lab: guest packages, guest kernel and QEMU, once per user, repaired whenever it is not whole.

As root QEMU is installed from the distribution; otherwise, or if that fails, it is unpacked into the cache like the
guest's packages, which are never installed on the host: a kernel and an IKE daemon have no business there. Every
call checks that everything is complete, which takes a few hundredths of a second, and makes anew what is not.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import msgspec

from sapper.lab import cache as store
from sapper.lab.cache import Progress
from sapper.lab.components import QEMU, install_qemu, lacking_program, make, qemu_binary
from sapper.lab.packages import Apt
from sapper.lab.qemu import BINARY, Program
from sapper.lab.unavailable import LabUnavailable

_CLEARED = ("archives", "apt-cache")


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What a guest boots from, and which versions that is."""

    cache: str
    packages: str
    kernel: str
    vmlinux: str
    initramfs: str
    modules: str
    release: str
    kernel_version: str
    strongswan_version: str
    qemu: Program

    def directories(self) -> list[Path]:
        """The component directories that a running guest must hold."""
        held = [Path(self.packages), Path(self.kernel)]
        return [*held, Path(self.qemu.tree)] if self.qemu.tree else held


def setup(progress: Progress, force: bool = False) -> Installed:
    """Makes the lab ready and says what it is; ``force`` makes all of it anew, with the newest packages.

    Raises :class:`LabUnavailable` with one line if that cannot be.
    """
    if os.uname().machine != "x86_64":
        raise LabUnavailable(f"the lab's guest is for x86_64, this machine is {os.uname().machine}")
    cache = store.cache_directory()
    if not force and (installed := _installed(cache)):
        return installed
    try:
        with store.locked(cache, progress):
            if force or _missing(cache):
                _make(cache, progress, force)
    except OSError as error:
        raise store.refusal(error, cache) from None
    installed = _installed(cache)
    if installed is None:
        raise LabUnavailable(f"the lab's set-up in {cache} is not whole although every step ended well")
    return installed


def _make(cache: Path, progress: Progress, force: bool) -> None:
    apt = Apt(cache, progress)
    if host_qemu() is None and os.geteuid() == 0:
        install_qemu(progress)
    if force:
        apt.update()
    names = ["guest", "kernel"] + ["qemu"] * (host_qemu() is None) if force else _missing(cache)
    try:
        make(cache, names, apt)
    finally:
        found = [store.complete(cache, name) for name in store.COMPONENTS]
        store.sweep(cache, {component.directory for component in found if component})
    for name in _CLEARED:
        shutil.rmtree(cache / name, ignore_errors=True)


def _missing(cache: Path) -> list[str]:
    """The components that are not there or not whole. The kernel's initramfs holds the guest's busybox: both or none."""
    guest = store.complete(cache, "guest")
    missing = []
    if guest is None or lacking_program(guest.path(cache)):
        missing = ["guest", "kernel"]
    elif store.complete(cache, "kernel") is None:
        missing = ["kernel"]
    return missing + ["qemu"] * (host_qemu() is None and unpacked_qemu(cache) is None)


def _installed(cache: Path) -> Installed | None:
    guest, kernel = store.complete(cache, "guest"), store.complete(cache, "kernel")
    qemu = host_qemu() or unpacked_qemu(cache)
    if guest is None or kernel is None or qemu is None or lacking_program(guest.path(cache)):
        return None
    directory = kernel.path(cache)
    release = (directory / "release").read_text()
    return Installed(
        cache=str(cache),
        packages=str(guest.path(cache)),
        kernel=str(directory),
        vmlinux=str(directory / "vmlinux"),
        initramfs=str(directory / "initramfs.cpio"),
        modules=str(directory / "tree/usr/lib/modules" / release),
        release=release,
        kernel_version=next(version for name, version in kernel.packages.items() if "-image-" in name),
        strongswan_version=guest.packages.get("strongswan-charon") or _host_version("strongswan-charon"),
        qemu=qemu,
    )


def host_qemu() -> Program | None:
    binary = shutil.which(BINARY)
    return Program(binary=binary, version=_host_version(QEMU)) if binary else None


def unpacked_qemu(cache: Path) -> Program | None:
    component = store.complete(cache, "qemu")
    if component is None:
        return None
    binary = qemu_binary(component, cache)
    return Program(binary=str(binary), version=component.packages[QEMU], tree=str(component.path(cache)))


def _host_version(package: str) -> str:
    """The installed version of ``package``, read from dpkg's database (dpkg-query takes ten times as long)."""
    try:
        status = Path("/var/lib/dpkg/status").read_text(errors="replace")
    except OSError:
        return "unknown"
    match = re.search(rf"^Package: {re.escape(package)}\n(?:.+\n)*?Version: (\S+)$", status, re.MULTILINE)
    return match[1] if match else "unknown"
