"""Ethernet interfaces and bonds of the tree, with the VLANs on them, to interfaces of the Router.

A VLAN is an interface of its own, called by its parent and its identifier; what is down takes its VLANs with it. A
bond counts as an Ethernet interface that other ones belong to.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.model.branch import Assumed, Branch
from sapper.model.build_link import attached, dynamic, link_options
from sapper.model.interface import Ethernet, VlanProtocol

_PROTOCOLS: dict[str, VlanProtocol] = {"802.1q": "802.1q", "802.1ad": "802.1ad"}
HIGHEST_VLAN = 4094


def build_ethernets(root: Branch, defaulted: list[Assumed]) -> tuple[Ethernet, ...]:
    """Ethernet interfaces, bonds and all VLANs, those on bridges too; each parent before its VLANs."""
    found: list[Ethernet] = []
    for kind in ("ethernet", "bonding"):
        for branch in root.each("interfaces", kind):
            found.append(_physical(branch, defaulted))
            found.extend(_vlans(branch, branch.name, branch.has("disable"), defaulted))
    for bridge in root.each("interfaces", "bridge"):
        found.extend(_vlans(bridge, bridge.name, bridge.has("disable"), defaulted))
    return tuple(found)


def _physical(branch: Branch, defaulted: list[Assumed]) -> Ethernet:
    return Ethernet(
        name=branch.name,
        origin=branch.origin,
        addresses=attached(branch, defaulted),
        dynamic=dynamic(branch),
        mtu_bytes=branch.number("mtu"),
        disabled=branch.has("disable"),
        members=tuple(branch.good_texts("member", "interface")),
        options=link_options(branch),
    )


def _vlans(branch: Branch, parent: str, disabled: bool, defaulted: list[Assumed]) -> Iterator[Ethernet]:
    """The VLANs right on ``branch`` and those inside its service VLANs."""
    for vif in branch.each("vif"):
        yield from _vlan(vif, parent, disabled, "802.1q", defaulted)
    for service in branch.each("vif-s"):
        protocol = _PROTOCOLS[service.text("protocol") or "802.1ad"]
        for outer in _vlan(service, parent, disabled, protocol, defaulted):
            yield outer
            for customer in service.each("vif-c"):
                yield from _vlan(customer, outer.name, outer.disabled, "802.1q", defaulted)


def _vlan(
    vif: Branch, parent: str, disabled: bool, protocol: VlanProtocol, defaulted: list[Assumed]
) -> Iterator[Ethernet]:
    """The one VLAN of that branch; nothing if its name is no identifier."""
    if not (vif.name.isascii() and vif.name.isdigit() and len(vif.name) <= 4 and int(vif.name) <= HIGHEST_VLAN):
        return
    yield Ethernet(
        name=f"{parent}.{vif.name}",
        origin=vif.origin,
        addresses=attached(vif, defaulted),
        dynamic=dynamic(vif),
        mtu_bytes=vif.number("mtu"),
        disabled=disabled or vif.has("disable"),
        parent=parent,
        vlan=int(vif.name),
        vlan_protocol=protocol,
        options=link_options(vif),
    )
