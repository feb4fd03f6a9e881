"""Write the lab's lock file, ``src/sapper/lab/guest.lock``, anew: what a bare host of this distribution would fetch.

Versions and SHA-256 come from the distribution's signed package lists, fetched first; nothing is downloaded beside
them. The tables of other distributions stay as they are. ``--check`` only says whether the lists still have it all.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from pathlib import Path

import sapper.lab
from sapper.lab.components import GUEST, KERNELS, QEMU
from sapper.lab.kernel_choice import BACKPORTS, DEFAULT, choose_kernel
from sapper.lab.lock import FILE, Pin, Pins, read_lock, this_distribution, write_lock
from sapper.lab.packages import Apt, Package
from sapper.lab.unavailable import LabUnavailable

PATH = Path(sapper.lab.__file__).parent / FILE


def progress(message: str) -> None:
    print(message, file=sys.stderr)


def pins_of(packages: list[Package]) -> Pins:
    return {package.name: Pin(package.version, package.sha256) for package in packages}


def newest() -> dict[str, Pins]:
    """What a host without any of it would fetch now."""
    with tempfile.TemporaryDirectory() as directory:
        cache = Path(directory)
        bare = cache / "status"
        bare.touch()
        apt = Apt(cache, progress, status=bare)
        apt.update()
        tables = {
            "guest": pins_of(apt.described(apt.lacking(GUEST))),
            "qemu": pins_of(apt.described(apt.lacking([QEMU]))),
        }
        for word in (DEFAULT, BACKPORTS):
            choice = choose_kernel(word)
            kernels = Apt(cache, progress, choice.suite) if choice.suite else apt
            tables[choice.component] = pins_of(kernels.kernel(KERNELS))
        return tables


def main(words: list[str]) -> int:
    here = this_distribution()
    text = PATH.read_text() if PATH.exists() else ""
    tables = {name: read_lock(text, name) for name in tomllib.loads(text)}
    try:
        found = newest()
    except LabUnavailable as error:
        progress(str(error))
        return 3
    if "--check" in words:
        return 0 if tables.get(here) == found else 1
    PATH.write_text(write_lock({**tables, here: found}))
    progress(f"{PATH.name}: {sum(map(len, found.values()))} packages of {here}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
