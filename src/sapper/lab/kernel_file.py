"""What a kernel's file says of itself: its release, and whether QEMU can enter its ELF image directly.

A bzImage names its version at ``kernel_version`` (0x20e, counted from 0x200; Documentation/arch/x86/boot.rst); an ELF
image carries the banner "Linux version RELEASE ". QEMU enters an ELF image through the PVH note (name "Xen", type 18,
xen/include/public/elfnote.h); a kernel without CONFIG_PVH has none, and is booted as the bzImage that it came as.
"""

from __future__ import annotations

import re
import struct

from sapper.lab.unavailable import LabUnavailable

_ELF = b"\x7fELF"
_PT_NOTE = 4
_PVH = 18
_BANNER = re.compile(rb"Linux version (\d[\w.+~-]*) ")


def is_elf(image: bytes) -> bool:
    return image.startswith(_ELF)


def release_of(image: bytes) -> str:
    """The kernel's release, as ``uname -r`` says it. Raises LabUnavailable if the file is no Linux kernel."""
    if is_elf(image):
        found = _BANNER.search(image)
        if found:
            return found[1].decode()
    elif image[0x202:0x206] == b"HdrS":
        start = struct.unpack_from("<H", image, 0x20E)[0] + 0x200
        words = image[start : start + 200].split(b"\0")[0].split()
        if words:
            return words[0].decode(errors="replace")
    raise LabUnavailable("no Linux kernel for x86: neither a bzImage nor an ELF image with a version")


def has_pvh_entry(elf: bytes) -> bool:
    """Whether an ELF image of 64 bits has the note by which QEMU boots it."""
    try:
        (table,) = struct.unpack_from("<Q", elf, 32)
        size, count = struct.unpack_from("<HH", elf, 54)
        for at in range(table, table + size * count, size):
            kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", elf, at)
            if kind == _PT_NOTE and _has_note(elf[offset : offset + length]):
                return True
    except struct.error:
        return False
    return False


def _has_note(notes: bytes) -> bool:
    at = 0
    while at + 12 <= len(notes):
        name, description, kind = struct.unpack_from("<III", notes, at)
        if kind == _PVH and notes[at + 12 : at + 12 + name] == b"Xen\0":
            return True
        at += 12 + (name + 3 & ~3) + (description + 3 & ~3)
    return False
