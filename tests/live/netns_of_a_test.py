"""A namespace of this host for one test, and what iproute2 says about it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sapper.kernel.plan import Plan, Route
from sapper.live.install import install
from sapper.live.namespace import create_namespace, delete_namespace, inside, open_namespace
from sapper.live.netlink.connection import NetlinkConnection
from sapper.live.netlink.link import create_veth


@contextmanager
def two_ethernets() -> Iterator[str]:
    """A namespace with two Ethernet devices, eth0 and eth1, of which the other ends are up."""
    name = f"sapper-test-{os.getpid()}"
    create_namespace(name)
    descriptor = open_namespace(name)
    try:
        with NetlinkConnection.open() as outside:
            outside.send(
                create_veth(f"eth{n}", f"far{n}", netns_fd=descriptor, peer_netns_fd=descriptor) for n in (0, 1)
            )
        for far in ("far0", "far1"):
            ip(name, "link", "set", far, "up")
        yield name
    finally:
        os.close(descriptor)
        delete_namespace(name)


def ip(name: str, *words: str) -> Any:
    done = subprocess.run(["ip", "-n", name, "-j", *words], capture_output=True, text=True, check=True, timeout=20)
    return json.loads(done.stdout) if done.stdout.strip() else []


def installed(name: str, plan: Plan) -> list[Route]:
    """Install the Plan there; what is returned has no way yet."""
    with inside(name), NetlinkConnection.open() as connection:
        return install(plan, connection)
