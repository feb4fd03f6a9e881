"""The programs of this host that a lab can use: where distributions put them, and which are not there.

A host without apt boots a guest from its own strongSwan, nftables, kmod and a busybox without libraries; the ``host``
provider runs on the host's own as well. charon lies in a directory that differs between distributions and is on no
PATH.
"""

from __future__ import annotations

import os
import shutil
import struct
from pathlib import Path

from sapper.lab.packages import MERGED

_SYSTEM = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CHARON = (
    "/usr/lib/ipsec/charon",
    "/usr/libexec/ipsec/charon",
    "/usr/lib/strongswan/charon",
    "/usr/libexec/strongswan/charon",
    "/usr/lib64/ipsec/charon",
    "/usr/local/libexec/ipsec/charon",
)
# What to look for, and where the guest expects it.
GUEST_PLACES = {
    "busybox": "usr/bin/busybox",
    "kmod": "usr/bin/kmod",
    "nft": "usr/sbin/nft",
    "charon": "usr/lib/ipsec/charon",
    "swanctl": "usr/sbin/swanctl",
    "ip": "usr/sbin/ip",
}
_WORDS = {
    "busybox": "busybox (linked statically)",
    "nft": "nft (nftables)",
    "charon": "charon (strongSwan)",
    "swanctl": "swanctl (strongSwan)",
    "ip": "ip (iproute2)",
}
_PT_INTERP = 3


def find(name: str) -> Path | None:
    """Where a program is on this host."""
    if name == "charon":
        return next((path for path in map(Path, _CHARON) if path.exists()), None)
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_SYSTEM}")
    return Path(found) if found else None


def lacking(names: tuple[str, ...] = tuple(GUEST_PLACES)) -> list[str]:
    """Which of these programs are not here, in words for a message."""
    return [_WORDS.get(name, name) for name in names if not _usable(name)]


def link_for_guest(root: Path) -> None:
    """Makes the guest's upper layer out of links: the host's programs at the places where the guest looks."""
    for name in MERGED:
        if Path("/", name).is_symlink():
            (root / "usr" / name).mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(f"usr/{name}")
    for name, place in GUEST_PLACES.items():
        found = find(name)
        if found is not None and not Path("/", place).exists():
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).symlink_to(found)


def is_static(elf: bytes) -> bool:
    """Whether an ELF program of 64 bits names no dynamic loader, so that it runs where no library is."""
    try:
        (table,) = struct.unpack_from("<Q", elf, 32)
        size, count = struct.unpack_from("<HH", elf, 54)
        kinds = [struct.unpack_from("<I", elf, table + size * at)[0] for at in range(count)]
    except struct.error:
        return False
    return elf.startswith(b"\x7fELF") and _PT_INTERP not in kinds


def _usable(name: str) -> bool:
    path = find(name)
    return path is not None and (name != "busybox" or is_static(path.read_bytes()))
