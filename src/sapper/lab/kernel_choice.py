"""Which kernel the guest boots: the distribution's, the one of Debian backports, or one given by path.

The words of ``--kernel`` and of the environment variable ``SAPPER_KERNEL``: ``default``, ``backports``, or the path of
a bzImage or an ELF vmlinux, and after a colon, if they are not beside it, the directory with its modules. Each kernel
is a component of the cache of its own, so they lie there side by side. A path's component carries what the file was
(size and time): a kernel that was compiled anew is taken in anew.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from sapper.lab.unavailable import LabUnavailable

VARIABLE = "SAPPER_KERNEL"
DEFAULT = "default"
BACKPORTS = "backports"


class KernelChoice(msgspec.Struct, frozen=True, kw_only=True):
    """``suite`` is appended to the distribution's release name for apt; ``image`` and ``modules`` are for a path."""

    name: str
    component: str
    suite: str | None = None
    image: str | None = None
    modules: str | None = None

    def identity(self) -> str:
        """What the file at the path is now; empty for a packaged kernel. Raises LabUnavailable if it is gone."""
        if self.image is None:
            return ""
        try:
            found = Path(self.image).stat()
        except OSError as error:
            raise LabUnavailable(f"kernel {self.image}: {error.strerror}") from None
        return f"{found.st_size}-{found.st_mtime_ns}-{self.modules or 'beside'}"


_PACKAGED = {
    DEFAULT: KernelChoice(name=DEFAULT, component="kernel"),
    BACKPORTS: KernelChoice(name=BACKPORTS, component="kernel-backports", suite="backports"),
}


def choose_kernel(text: str | None = None) -> KernelChoice:
    """The kernel that ``text``, else the environment, names. Raises LabUnavailable with one line."""
    text = text or os.environ.get(VARIABLE) or DEFAULT
    if text in _PACKAGED:
        return _PACKAGED[text]
    path, colon, modules = text.partition(":")
    if "/" not in path and not Path(path).exists():
        raise LabUnavailable(
            f"unknown kernel {text!r}: expected {DEFAULT}, {BACKPORTS} or the path of a kernel image"
        )
    image = Path(path).resolve()
    if not image.is_file():
        raise LabUnavailable(f"kernel {path}: no such file")
    if colon and not (modules and Path(modules).is_dir()):
        raise LabUnavailable(f"modules {modules or '(empty)'} of kernel {path}: no such directory")
    named = hashlib.sha256(str(image).encode()).hexdigest()[:8]
    return KernelChoice(
        name=str(image),
        component=f"kernel-at-{named}",
        image=str(image),
        modules=str(Path(modules).resolve()) if colon else None,
    )
