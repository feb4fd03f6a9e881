"""Set-up of the lab: guest packages, guest kernels and QEMU, once per user, repaired whenever it is not whole.

As root QEMU is installed from the distribution; otherwise, or if that fails, it is unpacked into the cache like the
guest's packages, which are never installed on the host: a kernel and an IKE daemon have no business there. Every
call checks that everything is complete, which takes a few hundredths of a second, and makes anew what is not. What is
complete needs no network any more. A host without apt uses its own programs, and a kernel given by path.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from sapper.lab import cache as store
from sapper.lab import host_programs, packages, versions
from sapper.lab.cache import Component, Progress
from sapper.lab.components import (
    QEMU,
    Source,
    install_qemu,
    lacking_program,
    make,
    make_from_host,
    make_kernel_at,
    qemu_binary,
)
from sapper.lab.kernel_choice import KernelChoice, choose_kernel
from sapper.lab.kernel_component import IDENTITY
from sapper.lab.qemu import BINARY, Program
from sapper.lab.unavailable import LabUnavailable

_CLEARED = ("archives", "apt-cache")


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What a guest boots from, and which versions that is; ``versions`` is what a report says."""

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
    versions: dict[str, str] = {}

    def directories(self) -> list[Path]:
        """The component directories that a running guest must hold."""
        held = [Path(self.packages), Path(self.kernel)]
        return [*held, Path(self.qemu.tree)] if self.qemu.tree else held


def setup(progress: Progress, force: bool = False, kernel: str | None = None) -> Installed:
    """Makes the lab ready and says what it is; ``force`` makes all of it anew, with fresh package lists.

    ``kernel`` is a word of :func:`sapper.lab.kernel_choice.choose_kernel`; None asks the environment.
    Raises :class:`LabUnavailable` with one line if that cannot be.
    """
    if os.uname().machine != "x86_64":
        raise LabUnavailable(f"the lab's guest is for x86_64, this machine is {os.uname().machine}")
    choice = choose_kernel(kernel)
    cache = store.cache_directory()
    if not force and (installed := _installed(cache, choice)):
        return installed
    try:
        with store.locked(cache, progress):
            if names := _missing(cache, choice, force):
                _make(cache, progress, choice, names, force)
    except OSError as error:
        raise store.refusal(error, cache) from None
    installed = _installed(cache, choice)
    if installed is None:
        raise LabUnavailable(f"the lab's set-up in {cache} is not whole although every step ended well")
    return installed


def _make(cache: Path, progress: Progress, choice: KernelChoice, names: list[str], force: bool) -> None:
    packaged = [name for name in names if name != choice.component or choice.image is None]
    try:
        if not packages.available():
            _require_without_apt(packaged)
            make_from_host(cache, packaged, progress)
        elif packaged:
            source = Source(cache, progress, choice)
            if "qemu" in packaged and os.geteuid() == 0:
                install_qemu(progress)
                packaged = [name for name in packaged if name != "qemu" or host_qemu() is None]
            if force:
                source.update()
            make(packaged, source)
        if len(packaged) < len(names) and choice.image is not None:
            make_kernel_at(cache, choice, progress)
    finally:
        found = [store.complete(cache, path.stem) for path in cache.glob("*.json")]
        store.sweep(cache, {component.directory for component in found if component})
        for name in _CLEARED:
            shutil.rmtree(cache / name, ignore_errors=True)


def _require_without_apt(names: list[str]) -> None:
    """Raises LabUnavailable naming everything that this host would need, at once."""
    lacking = host_programs.lacking() if "guest" in names else []
    if "qemu" in names:
        lacking.append(f"{BINARY} on the PATH")
    if any(name.startswith("kernel") for name in names):
        lacking.append("a kernel (give one with --kernel PATH)")
    if lacking:
        raise LabUnavailable(f"this host has no apt-get to fetch with, and lacks {', '.join(lacking)}")


def _missing(cache: Path, choice: KernelChoice, force: bool) -> list[str]:
    """The components that are not there or not whole. A kernel's initramfs holds the guest's busybox: both or none."""
    guest = store.complete(cache, "guest")
    missing = []
    if force or guest is None or lacking_program(guest.path(cache)):
        missing = ["guest", choice.component]
    elif _kernel(cache, choice) is None:
        missing = [choice.component]
    return missing + ["qemu"] * (host_qemu() is None and (force or unpacked_qemu(cache) is None))


def _kernel(cache: Path, choice: KernelChoice) -> Component | None:
    """The kernel's component if it is whole and, for a path, of the file that is there now."""
    kernel = store.complete(cache, choice.component)
    if kernel is None or kernel.packages.get(IDENTITY, "") != choice.identity():
        return None
    return kernel


def _installed(cache: Path, choice: KernelChoice) -> Installed | None:
    guest, kernel = store.complete(cache, "guest"), _kernel(cache, choice)
    qemu = host_qemu() or unpacked_qemu(cache)
    if guest is None or kernel is None or qemu is None or lacking_program(guest.path(cache)):
        return None
    directory = kernel.path(cache)
    release = (directory / "release").read_text()
    kernel_version = next(version for name, version in kernel.packages.items() if "-image-" in name)
    found = versions.user_space(guest.packages)
    return Installed(
        cache=str(cache),
        packages=str(guest.path(cache)),
        kernel=str(directory),
        vmlinux=str(directory / "vmlinux"),
        initramfs=str(directory / "initramfs.cpio"),
        modules=str(directory / "tree/usr/lib/modules" / release),
        release=release,
        kernel_version=kernel_version,
        strongswan_version=found["strongswan"],
        qemu=qemu,
        versions={"linux": f"{release} ({kernel_version})", **found, "qemu": qemu.version},
    )


def host_qemu() -> Program | None:
    binary = shutil.which(BINARY)
    if binary is None:
        return None
    return Program(binary=binary, version=versions.dpkg_versions([QEMU]).get(QEMU) or _said_version(binary))


def unpacked_qemu(cache: Path) -> Program | None:
    component = store.complete(cache, "qemu")
    if component is None:
        return None
    binary = qemu_binary(component, cache)
    return Program(binary=str(binary), version=component.packages[QEMU], tree=str(component.path(cache)))


def _said_version(binary: str) -> str:
    return versions.answer((binary, "--version"))
