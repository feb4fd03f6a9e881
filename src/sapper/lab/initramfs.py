"""The guest's initramfs: a cpio archive written here, a shell script as init, and a few modules.

The script mounts the host's root and the guest's packages over 9p (read-only), lays them and a tmpfs over each other,
and runs the agent in that root with the host's own interpreter. What differs from run to run (interpreter, module
path, agent) is a second archive behind the first; the kernel unpacks both. Sources: Documentation/driver-api/
early-userspace/buffer-format.rst, filesystems/overlayfs.rst, filesystems/9p.rst.

Whoever starts the lab in a user namespace sees root's files as nobody's; a set-uid mount(8) would become nobody in the
guest, so the root has nosuid. Everything there runs as root anyway.

Invariants: if the agent ends, for whatever reason, the guest reboots; if init itself ends, the kernel panics and does
the same; QEMU runs with ``-no-reboot`` and ends. (Powering off needs ACPI, which the guest has not, see qemu.)
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_console")
HOST_TAG = "host"
PACKAGES_TAG = "packages"
KERNEL_TAG = "kernel"
_MOUNT_9P = "trans=virtio,version=9p2000.L,msize=512000,cache=loose,access=any"
_TRAILER = "TRAILER!!!"

_INIT = """#!/bin/busybox sh
export PATH=/bin
busybox mount -t devtmpfs dev /dev
release=$(busybox cat /release)
for module in $(busybox cat /order); do busybox insmod /modules/$module; done
busybox mount -t 9p -o ro,{options} {host} /host &&
busybox mount -t 9p -o ro,{options} {packages} /packages &&
busybox mount -t tmpfs -o mode=755 tmpfs /upper &&
busybox mkdir /upper/root /upper/work &&
busybox mount -t overlay -o nosuid,lowerdir=/packages:/host,upperdir=/upper/root,workdir=/upper/work overlay /root &&
cd /root && busybox mkdir -p lib/modules/$release proc sys dev run tmp &&
busybox mount -t 9p -o ro,{options} {kernel} lib/modules/$release &&
busybox mount -t proc proc proc && busybox mount -t sysfs sysfs sys && busybox mount -o move /dev dev &&
busybox mkdir -p dev/pts dev/shm && busybox mount -t devpts devpts dev/pts && busybox mount -t tmpfs shm dev/shm &&
busybox mount -t tmpfs run run && busybox chmod 1777 tmp &&
busybox cp /bin/busybox run/busybox && busybox cp /start run/start &&
exec busybox chroot /root /run/busybox sh /run/start
echo "sapper: the guest's root could not be mounted"
busybox reboot -f
"""

_START = """export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
/run/busybox ip link set lo up
{command}
echo "sapper: the agent ended with $?"
/run/busybox reboot -f
"""

PROBE_ANSWER = "sapper: a guest runs here"
_PROBE = f"""echo "{PROBE_ANSWER}"
/run/busybox reboot -f
"""

_AGENT = """import sys
sys.path[:0] = {paths!r}
from {module} import main
main()
"""


class Entry(NamedTuple):
    """One file of an archive: a directory if ``content`` is None."""

    path: str
    mode: int
    content: bytes | None


def cpio(entries: Iterable[Entry]) -> bytes:
    """The entries as a cpio archive in the "newc" format, padded to 512 bytes."""
    archive = bytearray()
    for number, entry in enumerate([*entries, Entry(_TRAILER, 0, b"")], start=1):
        name = entry.path.encode() + b"\0"
        kind = 0o040000 if entry.content is None else 0o100000
        mode = 0 if entry.path == _TRAILER else kind | entry.mode
        content = entry.content or b""
        links = 2 if entry.content is None else 1
        fields = (number, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name), 0)
        archive += b"070701" + b"".join(b"%08X" % field for field in fields) + name
        archive += bytes(-len(archive) % 4)
        archive += content + bytes(-len(content) % 4)
    return bytes(archive + bytes(-len(archive) % 512))


def boot_archive(busybox: bytes, modules: Mapping[str, bytes], release: str) -> bytes:
    """The part that is the same for every run of one kernel. ``modules``: file name to content, in loading order."""
    directories = ("bin", "dev", "host", "packages", "upper", "root", "modules")
    return cpio(
        [
            *(Entry(name, 0o755, None) for name in directories),
            Entry("bin/busybox", 0o755, busybox),
            *(Entry(f"modules/{name}", 0o644, content) for name, content in modules.items()),
            Entry("order", 0o644, " ".join(modules).encode()),
            Entry("release", 0o644, release.encode()),
        ]
    )


def run_archive(interpreter: str, paths: Sequence[str], module: str) -> bytes:
    """The part that says what runs in the guest: ``interpreter`` with ``module`` found on ``paths``."""
    return _starting(_START.format(command=shlex.join(agent_command(interpreter, paths, module))))


def agent_command(interpreter: str, paths: Sequence[str], module: str) -> list[str]:
    """The command that runs ``module`` as an agent, with as few imports of Python's own as may be."""
    return [interpreter, "-S", "-E", "-s", "-B", "-c", _AGENT.format(paths=list(paths), module=module)]


def probe_archive() -> bytes:
    """A run that only says that it got this far."""
    return _starting(_PROBE)


def _starting(script: str) -> bytes:
    """The scripts come with the run, not with the kernel: the cache may have been made by an older sapper."""
    init = _INIT.format(options=_MOUNT_9P, host=HOST_TAG, packages=PACKAGES_TAG, kernel=KERNEL_TAG)
    return cpio([Entry("init", 0o755, init.encode()), Entry("start", 0o755, script.encode())])
