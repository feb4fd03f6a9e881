"""Static routes of the tree to routes of the Router, of both families, of every numbered table and of every VRF.

One prefix may have several ways; each becomes a record of its own. A way that is disabled is left out, and so is a
prefix or a next hop that is none: the finding about the value says so. A route whose next hop a DHCP server names
leaves by the interface of that server.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sapper.address import Prefix
from sapper.model.branch import Branch
from sapper.model.build_link import address_of
from sapper.model.routing import RouteKind, StaticRoute, Vrf

MAIN_TABLE = 254

_UNREACHED: tuple[tuple[str, RouteKind], ...] = (("blackhole", "blackhole"), ("reject", "unreachable"))


class _Place(NamedTuple):
    """Where routes go: a table, and the VRF that owns it."""

    table: int
    vrf: str | None = None


def build_routes(root: Branch, vrfs: Sequence[Vrf] = ()) -> tuple[StaticRoute, ...]:
    """All static routes in order of writing, the main table first, those of VRFs last."""
    routes: list[StaticRoute] = []
    static = root.below("protocols", "static")
    if static is not None:
        routes.extend(_routes(static, _Place(MAIN_TABLE)))
        for table in static.each("table"):
            if table.name.isascii() and table.name.isdigit() and len(table.name) <= 3:
                routes.extend(_routes(table, _Place(int(table.name))))
    for vrf in vrfs:
        inside = root.below("vrf", "name", vrf.name, "protocols", "static")
        if inside is not None:
            routes.extend(_routes(inside, _Place(vrf.table, vrf.name)))
    return tuple(routes)


def _routes(above: Branch, place: _Place) -> Iterator[StaticRoute]:
    for family, word in ((4, "route"), (6, "route6")):
        for branch in above.each(word):
            try:
                prefix = Prefix.parse(branch.name)
            except ValueError:
                continue
            if prefix.family == family:
                yield from _ways(branch, prefix, place)


def _ways(branch: Branch, prefix: Prefix, place: _Place) -> Iterator[StaticRoute]:
    for hop in branch.each("next-hop"):
        address = address_of(hop.name)
        if address is not None and address.family == prefix.family and not hop.has("disable"):
            yield StaticRoute(
                prefix=prefix,
                origin=hop.origin,
                next_hop=address,
                interface=hop.text("interface"),
                distance=_distance(hop),
                table=place.table,
                vrf=place.vrf,
                next_hop_vrf=hop.text("vrf"),
            )
    for way in branch.each("interface"):
        if not way.has("disable"):
            yield StaticRoute(
                prefix=prefix,
                origin=way.origin,
                interface=way.name,
                distance=_distance(way),
                table=place.table,
                vrf=place.vrf,
                next_hop_vrf=way.text("vrf"),
            )
    yield from _others(branch, prefix, place)


def _others(branch: Branch, prefix: Prefix, place: _Place) -> Iterator[StaticRoute]:
    """Ways without a next hop of their own: unreached ones, and the one that a DHCP server names."""
    for word, kind in _UNREACHED:
        found = branch.below(word)
        if found is not None:
            yield StaticRoute(
                prefix=prefix,
                origin=found.origin,
                kind=kind,
                distance=_distance(found),
                table=place.table,
                vrf=place.vrf,
            )
    leased = branch.text("dhcp-interface")
    if leased is not None:
        yield StaticRoute(
            prefix=prefix,
            origin=branch.origin,
            interface=leased,
            table=place.table,
            vrf=place.vrf,
            dhcp_interface=leased,
        )


def _distance(branch: Branch) -> int:
    return branch.number("distance") or 1
