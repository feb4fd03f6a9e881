"""Everything of a Plan that nftables carries, installed: source NAT, destination NAT, marks, MSS, guards.

Each part replaces its own table as a whole. A part that cannot be expressed is refused by its name.
"""

from __future__ import annotations

import errno
from collections.abc import Callable

from sapper.kernel.plan import Plan
from sapper.live import nftables
from sapper.live.destination_nat import destination_nat
from sapper.live.guarding import guarding
from sapper.live.mangling import mangling
from sapper.live.netlink.connection import KernelRefused


def install(plan: Plan) -> None:
    """In the namespace of the calling thread. Raises KernelRefused."""
    parts: tuple[tuple[str, Callable[[], list[nftables.Json]]], ...] = (
        ("source NAT", lambda: nftables.source_nat(plan.source_nat)),
        ("destination NAT", lambda: destination_nat(plan.destination_nat)),
        ("policy route", lambda: mangling(plan.marks, plan.mss_clamps)),
        ("firewall", lambda: guarding(plan.guards)),
    )
    for name, commands in parts:
        try:
            nftables.apply(commands())
        except ValueError as error:
            raise KernelRefused(errno.EOPNOTSUPP, name, str(error)) from error
