"""Which versions of the user space a lab runs with: the guest's unpacked packages, else dpkg's record, else the program's word.

Every report carries them, so that a result can be repeated elsewhere. dpkg's database is read as a file, because
dpkg-query takes ten times as long and this runs before every guest; a program is asked only where there is no dpkg.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from sapper.lab.host_programs import find

UNKNOWN = "unknown"
# The name in a report, the Debian package, and the program that can say it.
USER_SPACE = (
    ("strongswan", "strongswan-charon", ("charon", "--version")),
    ("iproute2", "iproute2", ("ip", "-V")),
    ("nftables", "nftables", ("nft", "--version")),
    ("busybox", "busybox-static", ("busybox", "--help")),
)
_STATUS = Path("/var/lib/dpkg/status")
_STANZA = re.compile(r"^Package: (\S+)\n(?:.+\n)*?Version: (\S+)$", re.MULTILINE)
_NUMBER = re.compile(r"\d+\.\d[\w.]*")


def user_space(packages: Mapping[str, str]) -> dict[str, str]:
    """The versions that a guest or a host runs, ``packages`` being what was unpacked for it beside the host's own."""
    lacking = [package for _, package, _ in USER_SPACE if package not in packages]
    found = {**dpkg_versions(lacking), **packages}
    return {name: found.get(package) or _asked(command) for name, package, command in USER_SPACE}


def dpkg_versions(names: Iterable[str]) -> dict[str, str]:
    """The installed versions of those packages that dpkg knows here."""
    wanted = set(names)
    try:
        status = _STATUS.read_text(errors="replace")
    except OSError:
        return {}
    return {name: version for name, version in _STANZA.findall(status) if name in wanted}


def answer(command: tuple[str, ...], environment: Mapping[str, str] | None = None) -> str:
    """The first thing in a program's answer that looks like a version; ``unknown`` if there is none."""
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=10, check=False, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    found = _NUMBER.search(said.stdout + said.stderr)
    return found[0] if found else UNKNOWN


def _asked(command: tuple[str, ...]) -> str:
    path = find(command[0])
    return answer((str(path), *command[1:]), {**os.environ, "LC_ALL": "C"}) if path else UNKNOWN
