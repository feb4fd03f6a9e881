"""What each component of the set-up is made of: the guest's packages, its kernel, and QEMU where it is not installed.

The packages of all components that are to be made are planned and fetched together, then each is unpacked into its
own directory. Of the kernel's modules only those are kept that a router, its cryptography and the guest itself can
need: 25 MB instead of 400.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from sapper.lab import cache as store
from sapper.lab.cache import Component, Progress
from sapper.lab.initramfs import MODULES, boot_archive
from sapper.lab.kernel_image import decompress, loading_order, module_name, vmlinux
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
_MODULES = re.compile(
    r"kernel/(arch|crypto|lib)/|kernel/net/(?!bluetooth/|wireless/|mac80211/|nfc/|can/|sunrpc/)"
    r"|kernel/fs/(9p|netfs|fscache|overlayfs)/|kernel/drivers/(virtio|char)/"
    r"|kernel/drivers/net/([^/]+$|(vxlan|wireguard|bonding|ppp|ipvlan|slip)/)|modules\."
)


def make(cache: Path, names: Iterable[str], apt: Apt) -> None:
    """Makes the named components anew: ``guest`` (before ``kernel``, which needs its programs), ``kernel``, ``qemu``."""
    plans = plan(names, apt)
    if "qemu" in plans:
        store.build(cache, "qemu", lambda root: _fill(root, plans["qemu"], apt))
    guest = store.complete(cache, "guest")
    if "guest" in plans:
        guest = store.build(cache, "guest", lambda root: fill_guest(root, plans["guest"], apt))
    if "kernel" in plans and guest is not None:
        programs = guest.path(cache)
        store.build(cache, "kernel", lambda root: fill_kernel(root, plans["kernel"], programs, apt))


def plan(names: Iterable[str], apt: Apt) -> dict[str, list[Package]]:
    """The packages of each component, fetched. If that fails, once more with fresh lists: versions vanish."""
    wanted = list(names)
    try:
        return _fetched(wanted, apt)
    except LabUnavailable:
        apt.update()
        return _fetched(wanted, apt)


def _fetched(names: list[str], apt: Apt) -> dict[str, list[Package]]:
    plans = {}
    for name in names:
        packages = apt.kernel(KERNELS) if name == "kernel" else apt.lacking([QEMU] if name == "qemu" else GUEST)
        plans[name] = [package for package in packages if package.name not in _NEEDLESS]
    apt.download([package for packages in plans.values() for package in packages])
    return plans


def fill_guest(root: Path, packages: list[Package], apt: Apt) -> dict[str, str]:
    """Unpacks what the guest needs and the host lacks."""
    versions = _fill(root, packages, apt)
    link_merged(root)
    if lacking := lacking_program(root):
        raise LabUnavailable(f"the guest has no /{lacking} although apt says that its package is there")
    return versions


def fill_kernel(root: Path, packages: list[Package], guest: Path, apt: Apt) -> dict[str, str]:
    """Unpacks a kernel: modules, the ELF image, and the initramfs."""
    apt.progress("unpacking the guest's kernel")
    tree = root / "tree"
    for package in packages:
        unpack(
            apt.archive(package), tree, lambda path: path.startswith("boot/vmlinuz-") or bool(_MODULES.search(path))
        )
    image = next((tree / "boot").glob("vmlinuz-*"), None)
    if image is None:
        raise LabUnavailable("the guest's kernel package holds no kernel image")
    release = image.name.removeprefix("vmlinuz-")
    link_merged(tree)
    (root / "vmlinux").write_bytes(vmlinux(image.read_bytes()))
    image.unlink()
    _depmod(tree, release, guest)
    modules = tree / "usr/lib/modules" / release
    paths = loading_order((modules / "modules.dep").read_text(), MODULES)
    contents = {f"{module_name(path)}.ko": decompress((modules / path).read_bytes()) for path in paths}
    busybox = program("usr/bin/busybox", guest).read_bytes()
    (root / "initramfs.cpio").write_bytes(boot_archive(busybox, contents, release))
    (root / "release").write_text(release)
    return {package.name: package.version for package in packages}


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


def program(path: str, tree: Path) -> Path:
    """A program of the guest's: from the unpacked packages, or the host's if it has it."""
    return tree / path if (tree / path).exists() else Path("/") / path


def lacking_program(tree: Path) -> str | None:
    return next((path for path in PROGRAMS if not program(path, tree).exists()), None)


def _fill(root: Path, packages: list[Package], apt: Apt) -> dict[str, str]:
    for package in packages:
        unpack(apt.archive(package), root, lambda path: True)
    return {package.name: package.version for package in packages}


def _depmod(tree: Path, release: str, guest: Path) -> None:
    """Writes the indexes that modprobe reads. depmod is kmod under another name."""
    environment = {**os.environ, "LD_LIBRARY_PATH": f"{guest}/usr/lib/x86_64-linux-gnu"}
    command = ["depmod", "-b", str(tree), release]
    kmod = program("usr/bin/kmod", guest)
    result = subprocess.run(command, executable=kmod, env=environment, capture_output=True, text=True)
    if result.returncode:
        raise LabUnavailable(f"depmod failed: {(result.stderr.strip().splitlines() or ['no reason given'])[-1]}")
