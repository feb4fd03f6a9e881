"""Random kernel settings: those of VyOS' boot, and what interfaces may ask for beside them."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.compile import VYOS_SYSCTLS
from sapper.kernel.plan import Plan, Sysctl
from sapper.lab.judge.drawn.pool import Dice


def sysctls(dice: Dice, plan: Plan) -> Iterator[Sysctl]:
    """None mostly. A filter asks for the source of what comes in, so it is drawn for interfaces and for all."""
    if not dice.chance(25):
        return
    # Which address a packet has while that of a lower interface is kept is not modelled.
    boot = [sysctl for sysctl in VYOS_SYSCTLS if not sysctl.name.endswith("keep_addr_on_down")]
    found = boot if dice.chance(50) else []
    if dice.chance(15):
        found.append(Sysctl("net.ipv4.ip_forward", "0"))
    if dice.chance(15):
        found.append(Sysctl("net.ipv6.conf.all.forwarding", "0"))
    if dice.chance(15):
        found.append(Sysctl("net.ipv4.conf.all.rp_filter", dice.one(("1", "2"))))
    for link in plan.links:
        if link.kind not in ("ethernet", "vlan"):
            continue
        if dice.chance(25):
            found.append(Sysctl(f"net.ipv4.conf.{link.name}.rp_filter", dice.one(("0", "1", "2"))))
        if dice.chance(20):
            family = dice.one(("ipv4", "ipv4", "ipv6"))
            found.append(Sysctl(f"net.{family}.conf.{link.name}.forwarding", "0"))
    yield from {sysctl.name: sysctl for sysctl in found}.values()
