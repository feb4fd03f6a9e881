"""A distribution's kernel as the guest needs it: the ELF image out of the bzImage, and modules in loading order.

QEMU boots an ELF vmlinux through its PVH entry, which saves the guest from unpacking a bzImage under emulation
(3 of 8 seconds). The payload's place is in the setup header (Documentation/arch/x86/boot.rst, protocol 2.08 and
later: ``payload_offset`` at 0x248, ``payload_length`` at 0x24c, counted from the end of the setup sectors). Debian 12
packs it with xz, later kernels with zstd, for which the library is there wherever dpkg is. Modules may be packed too.
"""

from __future__ import annotations

import ctypes
import lzma
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from sapper.lab.unavailable import LabUnavailable

_XZ = b"\xfd7zXZ\x00"
_ZSTD = b"\x28\xb5\x2f\xfd"
_GZIP = b"\x1f\x8b"
_ELF = b"\x7fELF"
_ZSTD_CHUNK = 1 << 20


def vmlinux(bzimage: bytes) -> bytes:
    """The ELF kernel inside a bzImage."""
    if bzimage[0x202:0x206] != b"HdrS":
        raise LabUnavailable("the guest's kernel image has no boot header")
    setup_sectors = bzimage[0x1F1] or 4
    offset, length = struct.unpack_from("<II", bzimage, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    elf = decompress(bzimage[start : start + length])
    if not elf.startswith(_ELF):
        raise LabUnavailable("the guest's kernel image holds no ELF kernel")
    return elf


def decompress(data: bytes) -> bytes:
    """Unpacks xz, zstd or gzip, known by its magic number; bytes after the end are ignored (a kernel has its size)."""
    try:
        if data.startswith(_XZ):
            return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)
        if data.startswith(_GZIP):
            return zlib.decompressobj(wbits=31).decompress(data)
        if data.startswith(_ZSTD):
            return _zstd(data)
    except (lzma.LZMAError, zlib.error, EOFError, ValueError) as error:
        raise LabUnavailable(f"a packed file of the guest's kernel is damaged: {error}") from None
    return data


class _Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer have the same shape."""

    _fields_ = (("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("position", ctypes.c_size_t))


def _zstd(data: bytes) -> bytes:
    try:
        library = ctypes.CDLL("libzstd.so.1")
    except OSError:
        raise LabUnavailable("the guest's kernel is packed with zstd, and libzstd.so.1 is not there") from None
    library.ZSTD_createDStream.restype = ctypes.c_void_p
    library.ZSTD_decompressStream.restype = ctypes.c_size_t
    library.ZSTD_decompressStream.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    library.ZSTD_freeDStream.argtypes = (ctypes.c_void_p,)
    library.ZSTD_isError.argtypes = (ctypes.c_size_t,)
    stream = library.ZSTD_createDStream()
    source = ctypes.create_string_buffer(data, len(data))
    target = ctypes.create_string_buffer(_ZSTD_CHUNK)
    packed = _Buffer(ctypes.addressof(source), len(data), 0)
    unpacked = bytearray()
    try:
        while True:
            chunk = _Buffer(ctypes.addressof(target), _ZSTD_CHUNK, 0)
            left = library.ZSTD_decompressStream(stream, ctypes.byref(chunk), ctypes.byref(packed))
            if library.ZSTD_isError(left):
                raise ValueError("not a zstd frame")
            unpacked += target.raw[: chunk.position]
            if left == 0:
                return bytes(unpacked)
            if packed.position == packed.size and chunk.position < _ZSTD_CHUNK:
                raise EOFError("zstd frame ends early")
    finally:
        library.ZSTD_freeDStream(stream)


def parse_dependencies(modules_dep: str) -> dict[str, list[str]]:
    """``modules.dep``: the path of each module to the paths it needs, in depmod's order (the last one first)."""
    table = {}
    for line in modules_dep.splitlines():
        path, colon, needed = line.partition(":")
        if colon:
            table[path] = needed.split()
    return table


def module_name(path: str) -> str:
    return Path(path).name.split(".ko")[0].replace("-", "_")


def loading_order(modules_dep: str, wanted: Iterable[str]) -> list[str]:
    """The paths to insert so that all ``wanted`` modules load, each after what it needs. Built-in ones are left out."""
    table = parse_dependencies(modules_dep)
    by_name = {module_name(path): path for path in table}
    order: dict[str, None] = {}
    for name in wanted:
        path = by_name.get(name.replace("-", "_"))
        if path is not None:
            order.update(dict.fromkeys(reversed(table[path])))
            order[path] = None
    return list(order)
