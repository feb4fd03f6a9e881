"""``interfaces pppoe``: an underlay whose address the provider gives, and the default routes that come with it.

pppd makes the device and its routes once the provider has answered; the Plan shows them as they are then.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.address import WIDTH_BITS, Attached, Family, Prefix
from sapper.kernel.membership import Membership
from sapper.kernel.plan import MAIN_TABLE, Link, Route
from sapper.model.router import Router


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for pppoe in router.pppoes:
        own = () if pppoe.local is None else (Attached(pppoe.local, WIDTH_BITS[pppoe.local.family]),)
        yield Link(
            name=pppoe.name,
            kind="pppoe",
            up=not pppoe.disabled,
            mtu_bytes=pppoe.mtu_bytes,
            addresses=own,
            dynamic=True,
            master=membership.master(pppoe.name, pppoe.options),
            parent=pppoe.source_interface,
        )


def default_routes(router: Router, tables: dict[str, int]) -> Iterator[Route]:
    """A default route through each enabled PPPoE interface that wants one; IPv6 only where it autoconfigures."""
    for pppoe in router.pppoes:
        if pppoe.disabled or not pppoe.default_route:
            continue
        families: tuple[Family, ...] = (4, 6) if pppoe.autoconf else (4,)
        for family in families:
            yield Route(
                prefix=Prefix.everything(family),
                link=pppoe.name,
                metric=pppoe.default_route_distance,
                table=tables.get(pppoe.options.vrf or "default", MAIN_TABLE),
            )
