"""What kernel settings ask of a packet that comes in: whether it is forwarded, and whether its source is believed.

IPv4 forwards what comes in by an interface whose own setting says so (ip_route_input_slow); IPv6 asks the setting of all
interfaces alone (ip6_forward). The reverse path filter exists for IPv4 only: the larger of the interface's value and
that for all; strict wants a route back by the same interface, loose any (fib_validate_source). What no setting says is
taken as forwarded and unfiltered.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.address import Family
from sapper.kernel.plan import Plan

Filter = Literal["", "strict", "loose"]
_FILTERS: dict[str, Filter] = {"1": "strict", "2": "loose"}
FORWARDING_V4 = ("net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding")


class Entrance(msgspec.Struct, frozen=True, kw_only=True):
    """``by_link`` are the IPv4 settings of single interfaces: whether it forwards; ``filters`` those that check sources.

    ``links`` are the names of all interfaces.
    """

    links: frozenset[str] = frozenset()
    forwarding: tuple[bool, bool] = (True, True)
    by_link: tuple[tuple[str, bool], ...] = ()
    filters: tuple[tuple[str, Filter], ...] = ()

    def forwards(self, family: Family, enters: str | None) -> bool:
        """Whether what comes in there is forwarded; where nobody knows the interface, by any that it may be."""
        if family == 6:
            return self.forwarding[1]
        own = dict(self.by_link)
        if enters in self.links:
            return own.get(str(enters), self.forwarding[0])
        return self.forwarding[0] or any(own.values())

    def filter_at(self, enters: str | None) -> Filter:
        """How the IPv4 source of what comes in there is checked."""
        return dict(self.filters).get(enters or "", "")

    def asks(self, family: Family) -> bool:
        """Whether anything of that family may be stopped."""
        if family == 6:
            return not self.forwarding[1]
        return bool(self.filters) or not self.forwarding[0] or not all(on for _, on in self.by_link)


def keeps_addresses(plan: Plan, link: str) -> bool:
    """Whether the IPv6 addresses of an interface stay on it while it is down (addrconf_ifdown)."""
    names = ("net.ipv6.conf.all.keep_addr_on_down", f"net.ipv6.conf.{link}.keep_addr_on_down")
    return any(sysctl.name in names and sysctl.value == "1" for sysctl in plan.sysctls)


def entrance_of(plan: Plan) -> Entrance:
    """The settings of a Plan; of one name the last is in force."""
    values = {sysctl.name: sysctl.value for sysctl in plan.sysctls}
    for_all = [sysctl.value for sysctl in plan.sysctls if sysctl.name in FORWARDING_V4]
    by_link: list[tuple[str, bool]] = []
    filters: list[tuple[str, Filter]] = []
    strictest = values.get("net.ipv4.conf.all.rp_filter", "0")
    for link in plan.links:
        own = values.get(f"net.ipv4.conf.{link.name}.forwarding")
        if own is not None:
            by_link.append((link.name, own != "0"))
        # IN_DEV_RPFILTER takes the larger number, so loose is stronger than strict.
        check = _FILTERS.get(max(strictest, values.get(f"net.ipv4.conf.{link.name}.rp_filter", "0")))
        if check is not None:
            filters.append((link.name, check))
    return Entrance(
        links=frozenset(link.name for link in plan.links),
        forwarding=(for_all[-1:] != ["0"], values.get("net.ipv6.conf.all.forwarding") != "0"),
        by_link=tuple(by_link),
        filters=tuple(filters),
    )
