"""What each component of the set-up is made of: the guest's packages, its kernel, and QEMU where it is not installed.

The packages of all components that are to be made are planned and fetched together, as the lock file has them where
that is still to be had; then each is unpacked into its own directory. A host without apt has its own programs linked
instead, and a kernel by path.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sapper.lab import cache as store
from sapper.lab import host_programs, lock
from sapper.lab.cache import Component, Progress
from sapper.lab.kernel_choice import KernelChoice
from sapper.lab.kernel_component import fill_kernel, fill_kernel_at, program
from sapper.lab.lock import Pins
from sapper.lab.packages import Apt, Package, apt_error, link_merged, run_apt, unpack
from sapper.lab.qemu import BINARY
from sapper.lab.unavailable import LabUnavailable

KERNELS = ("linux-image-amd64", "linux-image-virtual")
GUEST = (
    "busybox-static",
    "kmod",
    "iproute2",
    "nftables",
    "strongswan-charon",
    "strongswan-swanctl",
    "libstrongswan-standard-plugins",
)
PROGRAMS = ("usr/bin/busybox", "usr/bin/kmod", "usr/sbin/nft", "usr/lib/ipsec/charon", "usr/sbin/swanctl")
QEMU = "qemu-system-x86"
_NEEDLESS = ("ipxe-qemu",)  # boots from the network, which no guest has
_MOVED_SHOWN = 3


class Source:
    """Where components come from: apt with the host's lists, and apt with the suite of another kernel, when asked."""

    def __init__(self, cache: Path, progress: Progress, choice: KernelChoice) -> None:
        self.cache = cache
        self.progress = progress
        self.choice = choice
        self.main = Apt(cache, progress)
        self.kernels = Apt(cache, progress, choice.suite) if choice.suite else self.main

    def update(self) -> None:
        for apt in dict.fromkeys((self.main, self.kernels)):
            if not apt.updated:
                apt.update()


def make(names: Iterable[str], source: Source) -> None:
    """Makes the named components anew: ``guest`` (before a kernel, which needs its programs), a kernel, ``qemu``."""
    cache, choice = source.cache, source.choice
    plans = plan(names, source)
    if "qemu" in plans:
        store.build(cache, "qemu", lambda root: _fill(root, plans["qemu"], source.main))
    if "guest" in plans:
        store.build(cache, "guest", lambda root: fill_guest(root, plans["guest"], source.main))
    guest = store.complete(cache, "guest")
    if choice.component in plans and guest is not None:
        programs = guest.path(cache)
        packages = plans[choice.component]
        store.build(cache, choice.component, lambda root: fill_kernel(root, packages, programs, source.kernels))


def make_from_host(cache: Path, names: Iterable[str], progress: Progress) -> None:
    """The guest's component without apt: the host's own programs. Raises LabUnavailable naming what the host lacks."""
    for name in names:
        if name != "guest":
            continue
        if missing := host_programs.lacking():
            raise LabUnavailable(f"no apt-get to fetch with, and this host lacks {', '.join(missing)}")
        progress("using the host's own strongSwan, nftables and busybox")
        store.build(cache, "guest", _link_host)


def make_kernel_at(cache: Path, choice: KernelChoice, progress: Progress) -> None:
    """The component of a kernel that was given by path."""
    guest = store.complete(cache, "guest")
    if guest is not None:
        progress(f"taking in the kernel {choice.image}")
        programs = guest.path(cache)
        store.build(cache, choice.component, lambda root: fill_kernel_at(root, choice, programs))


def plan(names: Iterable[str], source: Source) -> dict[str, list[Package]]:
    """The packages of each component, fetched and compared with the lock.

    If that fails, or the lists do not have what the lock has, once more with fresh lists: versions vanish.
    """
    wanted = list(names)
    try:
        plans, missed = _planned(wanted, source)
        if missed and lock.known_here():
            source.update()
            plans, missed = _planned(wanted, source)
        _fetch(plans, source)
    except LabUnavailable:
        source.update()
        plans, missed = _planned(wanted, source)
        _fetch(plans, source)
    if missed and lock.known_here():
        more = f" and {len(missed) - _MOVED_SHOWN} more" if len(missed) > _MOVED_SHOWN else ""
        shown = ", ".join(missed[:_MOVED_SHOWN])
        source.progress(f"the registry has moved on from the lock: {shown}{more}; using what there is")
    elif missed:
        source.progress(f"the lock file does not know {lock.this_distribution()}: using what there is")
    return plans


def _planned(names: list[str], source: Source) -> tuple[dict[str, list[Package]], list[str]]:
    """Each component's packages, and what is not as locked."""
    plans, missed = {}, []
    for name in names:
        pins = lock.shipped(name)
        if name == source.choice.component:
            packages = _locked_kernel(source.kernels, pins) or source.kernels.kernel(KERNELS)
        else:
            packages = _lacking(source.main, [QEMU] if name == "qemu" else list(GUEST), pins)
        plans[name] = [package for package in packages if package.name not in _NEEDLESS]
        missed += lock.moved(plans[name], pins)
    return plans, missed


def _lacking(apt: Apt, names: list[str], pins: Pins) -> list[Package]:
    """What the host lacks, in the locked versions if apt has them all."""
    packages = apt.lacking(names)
    differing = [package for package in packages if package.name in pins and lock.moved([package], pins)]
    if not differing:
        return packages
    exact = [f"{package.name}={pins[package.name].version}" for package in packages if package.name in pins]
    try:
        return apt.lacking([*names, *exact])
    except LabUnavailable:
        return packages


def _locked_kernel(apt: Apt, pins: Pins) -> list[Package]:
    """The locked kernel's packages if apt still knows every one of them."""
    found = [apt.known(name, pin.version) for name, pin in pins.items()]
    return [package for package in found if package is not None] if None not in found else []


def _fetch(plans: dict[str, list[Package]], source: Source) -> None:
    kernel = source.choice.component
    source.main.download([package for name, packages in plans.items() if name != kernel for package in packages])
    source.kernels.download(plans.get(kernel, []))
    for name, packages in plans.items():
        lock.verify(packages, lock.shipped(name), source.main)


def fill_guest(root: Path, packages: list[Package], apt: Apt) -> dict[str, str]:
    """Unpacks what the guest needs and the host lacks."""
    versions = _fill(root, packages, apt)
    link_merged(root)
    if lacking := lacking_program(root):
        raise LabUnavailable(f"the guest has no /{lacking} although apt says that its package is there")
    return versions


def _link_host(root: Path) -> dict[str, str]:
    host_programs.link_for_guest(root)
    return {}


def install_qemu(progress: Progress) -> None:
    """Tries to install QEMU on the host, as root. Whether it worked, the caller sees by looking for it."""
    progress(f"installing {QEMU}")
    command = ("apt-get", "install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", QEMU)
    result = run_apt(command)
    if result.returncode:
        run_apt(("apt-get", "update"))
        result = run_apt(command)
    if result.returncode:
        progress(f"{QEMU} could not be installed ({apt_error(result.stderr)}): unpacking it instead")


def qemu_binary(component: Component, cache: Path) -> Path:
    return component.path(cache) / "usr/bin" / BINARY


def lacking_program(tree: Path) -> str | None:
    return next((path for path in PROGRAMS if not program(path, tree).exists()), None)


def _fill(root: Path, packages: list[Package], apt: Apt) -> dict[str, str]:
    for package in packages:
        unpack(apt.archive(package), root, lambda path: True)
    return {package.name: package.version for package in packages}
