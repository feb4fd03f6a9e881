"""The lock file: which packages the guest's kernel and user space are, by name, version and SHA-256, without addresses.

It comes with sapper, one table per distribution and component, so that a result can be repeated elsewhere. A set-up
takes the locked versions where the package lists still name them, and checks every archive against its sum before it
is unpacked; where they do not, it says so in one line and uses what there is. The cache records what was used.
``tools/guest_lock.py`` writes the file anew, from the signed package lists.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import msgspec

from sapper.lab.packages import Apt, Package
from sapper.lab.unavailable import LabUnavailable

FILE = "guest.lock"
VARIABLE = "SAPPER_LOCK"
_OS_RELEASE = Path("/etc/os-release")


class Pin(msgspec.Struct, frozen=True):
    """One locked package."""

    version: str
    sha256: str


Pins = dict[str, Pin]


def distribution(os_release: str) -> str:
    """The lock's name for a distribution: ``debian-12`` from the text of os-release(5)."""
    fields = dict(re.findall(r'^(ID|VERSION_ID)="?([\w.-]+)"?$', os_release, re.MULTILINE))
    return f"{fields.get('ID', 'linux')}-{fields.get('VERSION_ID', 'unknown')}"


def this_distribution() -> str:
    return distribution(_OS_RELEASE.read_text() if _OS_RELEASE.exists() else "")


def read_lock(text: str, name: str) -> dict[str, Pins]:
    """The pins of distribution ``name`` by component; empty if the lock has none. Raises LabUnavailable."""
    try:
        table = tomllib.loads(text).get(name, {})
        return msgspec.convert(table, dict[str, Pins])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise LabUnavailable(f"the lock file cannot be read: {error}") from None


def shipped(component: str) -> Pins:
    """The pins of one component on this host. ``SAPPER_LOCK`` names another file; empty means no lock at all."""
    named = os.environ.get(VARIABLE)
    if named == "":
        return {}
    try:
        text = Path(named).read_text() if named else files("sapper.lab").joinpath(FILE).read_text("utf-8")
    except OSError as error:
        raise LabUnavailable(f"lock file {named or FILE}: {error.strerror}") from None
    return read_lock(text, this_distribution()).get(component, {})


def known_here() -> bool:
    """Whether the lock has anything about this distribution."""
    return bool(shipped("guest"))


def write_lock(tables: Mapping[str, Mapping[str, Mapping[str, Pin]]]) -> str:
    """The text of a lock: distribution, then component, then package."""
    lines = [
        "# The guest's kernel and user space: what 'sapper lab setup' takes, and what their archives' SHA-256 must be.",
        "# Written by tools/guest_lock.py; do not edit.",
    ]
    for name, components in sorted(tables.items()):
        for component, pins in sorted(components.items()):
            lines += ["", f'["{name}".{component}]']
            lines += [
                f'"{package}" = {{ version = "{pin.version}", sha256 = "{pin.sha256}" }}'
                for package, pin in sorted(pins.items())
            ]
    return "\n".join(lines) + "\n"


def moved(packages: Iterable[Package], pins: Pins) -> list[str]:
    """What is not as locked, in words; a package that the lock does not know counts too."""
    found = []
    for package in packages:
        pin = pins.get(package.name)
        if pin is None:
            found.append(f"{package.name} {package.version} (not in the lock)")
        elif pin.version != package.version:
            found.append(f"{package.name} {pin.version} is now {package.version}")
    return found


def verify(packages: Sequence[Package], pins: Pins, apt: Apt) -> None:
    """Compares fetched archives with the lock. One that differs is removed and refused: LabUnavailable."""
    for package in packages:
        pin = pins.get(package.name)
        if pin is None or pin.version != package.version:
            continue
        archive = apt.archive(package)
        with archive.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != pin.sha256:
            archive.unlink(missing_ok=True)
            raise LabUnavailable(
                f"{package.name} {package.version} is not the locked one: SHA-256 {found[:16]}…, the lock says "
                f"{pin.sha256[:16]}…"
            )
