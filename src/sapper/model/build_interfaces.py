"""The simple interfaces of the tree to interfaces of the Router; each other kind has a file of its own.

``lo`` is always there on a router; the record says what was added to it.
"""

from __future__ import annotations

from sapper.model.branch import Assumed, Branch
from sapper.model.build_link import attached, dynamic, link_options
from sapper.model.interface import Bridge, Dummy, Loopback, Vti


def build_dummies(root: Branch, defaulted: list[Assumed]) -> tuple[Dummy, ...]:
    """All dummy interfaces in order of writing."""
    return tuple(
        Dummy(
            name=branch.name,
            origin=branch.origin,
            addresses=attached(branch, defaulted),
            mtu_bytes=branch.number("mtu"),
            disabled=branch.has("disable"),
            options=link_options(branch),
        )
        for branch in root.each("interfaces", "dummy")
    )


def build_loopbacks(root: Branch, defaulted: list[Assumed]) -> tuple[Loopback, ...]:
    return tuple(
        Loopback(
            name=branch.name,
            origin=branch.origin,
            addresses=attached(branch, defaulted),
            options=link_options(branch),
        )
        for branch in root.each("interfaces", "loopback")
    )


def build_bridges(root: Branch, defaulted: list[Assumed], unmodelled: list[str]) -> tuple[Bridge, ...]:
    """All bridges in order of writing. The record has no word for addresses that come at run time: they are named."""
    bridges = []
    for branch in root.each("interfaces", "bridge"):
        words = {"autoconf": f"{branch.where} ipv6 address autoconf"}
        unmodelled += [words.get(way, f"{branch.where} address {way}") for way in dynamic(branch)]
        bridges.append(
            Bridge(
                name=branch.name,
                origin=branch.origin,
                members=tuple(member.name for member in branch.each("member", "interface")),
                addresses=attached(branch, defaulted),
                mtu_bytes=branch.number("mtu"),
                disabled=branch.has("disable"),
                options=link_options(branch),
            )
        )
    return tuple(bridges)


def build_vtis(root: Branch, defaulted: list[Assumed]) -> tuple[Vti, ...]:
    """All virtual tunnel interfaces in order of writing."""
    return tuple(
        Vti(
            name=branch.name,
            origin=branch.origin,
            addresses=attached(branch, defaulted),
            mtu_bytes=branch.number_or(1500, "mtu"),
            disabled=branch.has("disable"),
            options=link_options(branch),
        )
        for branch in root.each("interfaces", "vti")
    )
