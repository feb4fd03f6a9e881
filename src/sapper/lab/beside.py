"""Packages beside the guest's own, for those who try other people's programs in it: unpacked, never installed.

They are no part of the set-up, and nobody pays for them who does not ask. The guest sees the host's root, so the
tree is there under the same path; a program of it needs its library directories named (LD_LIBRARY_PATH).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from sapper.lab import cache as store
from sapper.lab.cache import Progress
from sapper.lab.packages import Apt, Package, unpack
from sapper.lab.unavailable import LabUnavailable


def unpacked(names: Sequence[str], progress: Progress) -> Path:
    """A directory with these packages and all they need, as far as the host lacks it. Raises LabUnavailable."""
    cache = store.cache_directory()
    name = f"beside-{hashlib.sha256(' '.join(sorted(names)).encode()).hexdigest()[:8]}"
    with store.locked(cache, progress):
        component = store.complete(cache, name)
        if component is None:
            apt = Apt(cache, progress)
            packages = _fetched(apt, names)
            component = store.build(cache, name, lambda root: _fill(root, packages, apt))
            _tidy(cache, name, component.directory)
    return component.path(cache)


def _fetched(apt: Apt, names: Sequence[str]) -> list[Package]:
    """Once more with fresh lists if it fails: versions vanish."""
    try:
        packages = apt.lacking(names)
        apt.download(packages)
    except LabUnavailable:
        apt.update()
        packages = apt.lacking(names)
        apt.download(packages)
    return packages


def _tidy(cache: Path, name: str, kept: str) -> None:
    """Removes archives, and what an older recipe made under this name."""
    for directory in ("archives", "apt-cache"):
        shutil.rmtree(cache / directory, ignore_errors=True)
    for path in cache.glob(f"{name}.*/"):
        if path.name != kept:
            store.remove_unused(path)


def _fill(root: Path, packages: list[Package], apt: Apt) -> dict[str, str]:
    for package in packages:
        unpack(apt.archive(package), root, lambda path: True)
    return {package.name: package.version for package in packages}
