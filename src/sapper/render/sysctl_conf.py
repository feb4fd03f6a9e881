"""Sysctls as sysctl.conf(5) and sysctl.d(5) have them.

A name whose link has a dot (``eth0.10``) is written with slashes, where dots are plain characters; procps and
systemd-sysctl both read that. Names and values are checked, so that none can add a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sapper.kernel.plan import Link, Plan, Sysctl
from sapper.render.inexpressible import Inexpressible

_NAME = re.compile(r"net(\.[A-Za-z0-9_+~-]+)+")
_VALUE = re.compile(r"[A-Za-z0-9_.:-]+([ \t][A-Za-z0-9_.:-]+)*")


def sysctl_lines(sysctls: Iterable[Sysctl], plan: Plan) -> list[str]:
    """One line for each. Raises Inexpressible."""
    return [f"{_written(sysctl, plan)} = {sysctl.value}" for sysctl in sysctls]


def of_links(plan: Plan, links: Iterable[Link]) -> list[Sysctl]:
    """The Plan's sysctls that exist only once one of these links does."""
    names = [link.name for link in links]
    return [sysctl for sysctl in plan.sysctls if any(f".{name}." in sysctl.name for name in names)]


def _written(sysctl: Sysctl, plan: Plan) -> str:
    name = sysctl.name
    for link in plan.links:
        if "." in link.name and f".{link.name}." in name:
            before, after = name.split(f".{link.name}.", 1)
            name = "/".join([before.replace(".", "/"), link.name, after.replace(".", "/")])
            break
    if not _NAME.fullmatch(name.replace("/", ".")) or not _VALUE.fullmatch(sysctl.value):
        raise Inexpressible(f"sysctl {sysctl.name}", "its name or value cannot be written")
    return name
