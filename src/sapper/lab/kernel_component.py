"""A kernel as a component of the cache: the image that QEMU boots, its modules with their indexes, the initramfs.

It comes from distribution packages or from a path. Of the modules only those are kept that a router, its cryptography
and the guest itself can need: 25 MB instead of 400. What the guest cannot start without is looked for here, so that a
kernel that lacks it is named now and not by a guest that hangs.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from sapper.lab.initramfs import MODULES, boot_archive
from sapper.lab.kernel_choice import KernelChoice
from sapper.lab.kernel_file import has_pvh_entry, is_elf, release_of
from sapper.lab.kernel_image import decompress, loading_order, module_name, vmlinux
from sapper.lab.packages import Apt, Package, link_merged, unpack
from sapper.lab.unavailable import LabUnavailable

IDENTITY = "image"
_MODULES = re.compile(
    r"kernel/(arch|crypto|lib)/|kernel/net/(?!bluetooth/|wireless/|mac80211/|nfc/|can/|sunrpc/)"
    r"|kernel/fs/(9p|netfs|fscache|overlayfs)/|kernel/drivers/(virtio|char)/"
    r"|kernel/drivers/net/([^/]+$|(vxlan|wireguard|bonding|ppp|ipvlan|slip)/)|modules\."
)


def fill_kernel(root: Path, packages: list[Package], guest: Path, apt: Apt) -> dict[str, str]:
    """Unpacks a kernel out of its packages."""
    apt.progress("unpacking the guest's kernel")
    tree = root / "tree"
    for package in packages:
        unpack(
            apt.archive(package), tree, lambda path: path.startswith("boot/vmlinuz-") or bool(_MODULES.search(path))
        )
    image = next((tree / "boot").glob("vmlinuz-*"), None)
    if image is None:
        raise LabUnavailable("the guest's kernel package holds no kernel image")
    packed = image.read_bytes()
    image.unlink()
    _finish(root, packed, image.name.removeprefix("vmlinuz-"), guest)
    return {package.name: package.version for package in packages}


def fill_kernel_at(root: Path, choice: KernelChoice, guest: Path) -> dict[str, str]:
    """Takes in the kernel at a path, with the modules given or beside it. Raises LabUnavailable with one line."""
    image = Path(choice.image or "")
    try:
        content = image.read_bytes()
        release = release_of(content)
        modules = Path(choice.modules) if choice.modules else beside(image, release)
        for path in modules.rglob("*"):
            within = path.relative_to(modules).as_posix()
            if path.is_file() and _MODULES.search(within):
                target = root / "tree/usr/lib/modules" / release / within
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise LabUnavailable(f"kernel {image}: {error.filename or ''} {error.strerror}") from None
    except LabUnavailable as error:
        raise LabUnavailable(f"kernel {image}: {error}") from None
    _finish(root, content, release, guest)
    digest = hashlib.sha256(content).hexdigest()
    return {"linux-image-at-a-path": f"{release} sha256:{digest}", IDENTITY: choice.identity()}


def beside(image: Path, release: str) -> Path:
    """The modules' directory as it lies beside a kernel, in a tree that was unpacked, or on a running host."""
    near = image.parent
    places = [near / "modules" / release, near / "lib/modules" / release, near / release, near / "modules"]
    for up in list(image.parents)[1:3]:
        places += [up / "lib/modules" / release, up / "usr/lib/modules" / release]
    for place in places:
        if (place / "kernel").is_dir() or (place / "modules.builtin").exists():
            return place
    raise LabUnavailable(
        f"its modules (lib/modules/{release}) are not beside it: name their directory after a colon"
    )


def _finish(root: Path, image: bytes, release: str, guest: Path) -> None:
    """Writes what the guest boots from; the modules are below ``tree`` already."""
    tree = root / "tree"
    modules = tree / "usr/lib/modules" / release
    modules.mkdir(parents=True, exist_ok=True)
    link_merged(tree)
    elf = image if is_elf(image) else vmlinux(image)
    if is_elf(image) and not has_pvh_entry(image):
        raise LabUnavailable("this ELF kernel has no PVH entry: give the bzImage of the same kernel")
    (root / "vmlinux").write_bytes(elf if has_pvh_entry(elf) else image)
    _depmod(tree, release, guest)
    _require(modules)
    paths = loading_order((modules / "modules.dep").read_text(), MODULES)
    contents = {f"{module_name(path)}.ko": decompress((modules / path).read_bytes()) for path in paths}
    busybox = program("usr/bin/busybox", guest).read_bytes()
    (root / "initramfs.cpio").write_bytes(boot_archive(busybox, contents, release))
    (root / "release").write_text(release)


def _require(modules: Path) -> None:
    """What the guest's start needs must be a module or built in; without any index of built-in ones, only a boot tells."""
    builtin = modules / "modules.builtin"
    if not builtin.exists():
        return
    there = {
        module_name(line.partition(":")[0])
        for line in [*(modules / "modules.dep").read_text().splitlines(), *builtin.read_text().splitlines()]
    }
    lacking = [name for name in MODULES if name not in there]
    if lacking:
        raise LabUnavailable(f"this kernel lacks what the guest starts with: {', '.join(lacking)}")


def _depmod(tree: Path, release: str, guest: Path) -> None:
    """Writes the indexes that modprobe reads. depmod is kmod under another name."""
    environment = {**os.environ, "LD_LIBRARY_PATH": f"{guest}/usr/lib/x86_64-linux-gnu"}
    command = ["depmod", "-b", str(tree), release]
    kmod = program("usr/bin/kmod", guest)
    result = subprocess.run(command, executable=kmod, env=environment, capture_output=True, text=True)
    if result.returncode:
        raise LabUnavailable(f"depmod failed: {(result.stderr.strip().splitlines() or ['no reason given'])[-1]}")


def program(path: str, tree: Path) -> Path:
    """A program of the guest's: from the unpacked packages, or the host's if it has it."""
    return tree / path if (tree / path).exists() else Path("/") / path
