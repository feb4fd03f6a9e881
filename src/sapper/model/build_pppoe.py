"""``interfaces pppoe`` of the tree to PPPoE interfaces of the Router. The account stays in the tree."""

from __future__ import annotations

from sapper.model.branch import Branch
from sapper.model.build_link import link_options, written_address
from sapper.model.interface import Pppoe


def build_pppoes(root: Branch) -> tuple[Pppoe, ...]:
    """All PPPoE interfaces in order of writing."""
    return tuple(
        Pppoe(
            name=branch.name,
            origin=branch.origin,
            source_interface=branch.text("source-interface"),
            mtu_bytes=branch.number_or(1492, "mtu"),
            mru_bytes=branch.number("mru"),
            default_route=not branch.has("no-default-route") and branch.text("default-route") != "none",
            default_route_distance=branch.number_or(1, "default-route-distance"),
            local=written_address(branch, "local-address"),
            remote=written_address(branch, "remote-address"),
            autoconf=branch.has("ipv6", "address", "autoconf"),
            disabled=branch.has("disable"),
            options=link_options(branch),
        )
        for branch in root.each("interfaces", "pppoe")
    )
