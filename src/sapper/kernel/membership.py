"""Which bridge or VRF an interface belongs to, and which child raises it: what links know of one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sapper.kernel.plan import MAIN_TABLE
from sapper.model.interface import LinkOptions
from sapper.model.router import Router


class Membership(NamedTuple):
    """``bridges`` maps a port to its bridge, ``raised_by`` a VTI to the child whose updown script raises it."""

    bridges: Mapping[str, str]
    raised_by: Mapping[str, str]

    @classmethod
    def of(cls, router: Router, raised_by: Mapping[str, str]) -> Membership:
        return cls({port: bridge.name for bridge in router.bridges for port in bridge.members}, raised_by)

    def master(self, name: str, options: LinkOptions) -> str | None:
        """The interface's master. VyOS allows a bridge or a VRF, never both."""
        return self.bridges.get(name) or own_vrf(options)


def own_vrf(options: LinkOptions) -> str | None:
    """The VRF that an interface is in; None for the default one."""
    return None if options.vrf == "default" else options.vrf


def vrf_tables(router: Router) -> dict[str, int]:
    """The routing table of each VRF by its name."""
    return {vrf.name: vrf.table for vrf in router.vrfs} | {"default": MAIN_TABLE}
