"""Every interface of a tree under the name that other options call it by, and who is in which bridge or bond.

``eth0`` with ``vif 10`` is two devices, ``eth0`` and ``eth0.10``; a VLAN inside a stacked one is ``eth0.20.30``.
All kinds are walked, those that sapper does not model included. Every function here is linear in the size of the
tree and takes any tree. Source: VyOS' interface names and its verify rules that are shared by all kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sapper.address import Address
from sapper.config.tree import Node, Span
from sapper.model.branch import Branch, first_span


class Device(NamedTuple):
    """``kind`` is VyOS' word (``tunnel``); a VLAN has the kind of its physical interface and a ``parent``."""

    kind: str
    name: str
    branch: Branch
    parent: Device | None = None

    def where(self, *words: str) -> str:
        """The path of an option of this device."""
        return " ".join((*self.branch.path, *words))


class Member(NamedTuple):
    """``name`` is in the bridge or bond ``master``; ``kind`` is ``bridge`` or ``bonding``."""

    name: str
    kind: str
    master: str
    path: str
    span: Span
    branch: Branch | None = None


def devices(top: Branch) -> Iterator[Device]:
    """All interfaces and their VLANs, in order of writing."""
    interfaces = top.node.find("interfaces")
    for kind in list(interfaces.children) if interfaces is not None else []:
        for branch in top.each("interfaces", kind):
            device = Device(kind, branch.name, branch)
            yield device
            yield from _vlans(device)


def _vlans(device: Device) -> Iterator[Device]:
    for word in ("vif", "vif-s"):
        for branch in device.branch.each(word):
            vlan = Device(device.kind, f"{device.name}.{branch.name}", branch, device)
            yield vlan
            for inner in branch.each("vif-c") if word == "vif-s" else ():
                yield Device(device.kind, f"{vlan.name}.{inner.name}", inner, vlan)


def by_name(top: Branch) -> dict[str, Device]:
    """The devices under their names; of two with the same name the first."""
    found: dict[str, Device] = {}
    for device in devices(top):
        found.setdefault(device.name, device)
    return found


def members(top: Branch) -> Iterator[Member]:
    """Who is a member of which bridge or bond, in order of writing."""
    for kind in ("bridge", "bonding"):
        for master in top.each("interfaces", kind):
            for member in master.each("member", "interface"):
                yield Member(member.name, kind, master.name, member.where, first_span(member.node), member)
    for ethernet in top.each("interfaces", "ethernet"):
        for bond in ethernet.texts("bond-group"):
            yield Member(ethernet.name, "bonding", bond.word, f"{ethernet.where} bond-group", bond.span)


def addresses(branch: Branch, word: str = "address") -> Iterator[tuple[Address, Node]]:
    """The addresses of a multi with or without a length, each with its node; other words are passed over."""
    for value in branch.texts(word):
        address = address_of(value.word)
        if address is not None:
            yield address, value


def address_of(text: str | None) -> Address | None:
    """The address of ADDRESS or ADDRESS/LENGTH, or None."""
    try:
        return Address.parse(text.partition("/")[0]) if text is not None else None
    except ValueError:
        return None


def end_of(branch: Branch, word: str) -> tuple[Address | None, Node | None]:
    """The address of a leaf that is in force and its node; the node alone where it is no address."""
    value = branch.in_force(word)
    return (address_of(value.word), value) if value is not None else (None, None)
