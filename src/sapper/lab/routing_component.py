"""The routing daemons of a topology that has any: FRR's package, unpacked beside the set-up, fetched when first asked for.

It is no part of the guest: a lab sees the cache through the host's root, and starts the daemons from there.
"""

from __future__ import annotations

from pathlib import Path

from sapper.lab import cache as store
from sapper.lab.packages import Apt, Package, available, unpack
from sapper.lab.unavailable import LabUnavailable

NAME = "routing"
PACKAGE = "frr"
DAEMONS = ("usr/lib/frr/zebra", "usr/lib/frr/ospfd", "usr/lib/frr/bgpd")
_HOST = Path("/")


def routing_tree(progress: store.Progress) -> tuple[Path, str]:
    """The directory below which the daemons are, and FRR's version. Raises LabUnavailable with one line."""
    if all((_HOST / path).exists() for path in DAEMONS):
        return _HOST, "of the host"
    where = store.cache_directory()
    component = store.complete(where, NAME)
    if component is None:
        try:
            with store.locked(where, progress):
                component = store.complete(where, NAME) or _make(where, progress)
        except OSError as error:
            raise store.refusal(error, where) from None
    return component.path(where), component.packages[PACKAGE]


def _make(where: Path, progress: store.Progress) -> store.Component:
    if not available():
        raise LabUnavailable("no apt-get to fetch FRR with, and this host has no /usr/lib/frr/zebra")
    apt = Apt(where, progress)
    try:
        packages = _fetched(apt)
    except LabUnavailable:
        apt.update()
        packages = _fetched(apt)
    return store.build(where, NAME, lambda root: _fill(root, packages, apt))


def _fetched(apt: Apt) -> list[Package]:
    """FRR and the libraries that the host lacks; what looks after its logs and users has no work in a lab."""
    packages = [item for item in apt.lacking([PACKAGE]) if item.name == PACKAGE or item.name.startswith("lib")]
    apt.download(packages)
    return packages


def _fill(root: Path, packages: list[Package], apt: Apt) -> dict[str, str]:
    for package in packages:
        unpack(apt.archive(package), root, lambda path: not path.startswith("usr/share/doc"))
    if missing := [path for path in DAEMONS if not (root / path).exists()]:
        raise LabUnavailable(f"the package {PACKAGE} has no /{missing[0]}")
    return {package.name: package.version for package in packages}
