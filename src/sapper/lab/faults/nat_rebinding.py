"""A NAT box between the routers that maps anew while the SA is up: other ports, or another outside address."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sapper.address import Address
from sapper.lab.faults.fault import Fault, Saw
from sapper.lab.rig import LabFailed, Rig


class _Box(NamedTuple):
    """The outermost NAT box: its node and its outer link, and the network's node and link on the same wire."""

    node: str
    link: str
    net: str
    net_link: str


class NatPorts(Fault, frozen=True, kw_only=True):
    """The box forgets every mapping, and gives UDP a port from ``first`` to ``last`` from now on."""

    name: ClassVar[str] = "nat-ports"
    undoable: ClassVar[bool] = True

    first: int = 20000
    last: int = 20999

    def apply(self, rig: Rig) -> Saw:
        box = _box(rig)
        rig.ask("rebind", node=box.node, link=box.link, ports=[self.first, self.last])
        return {}

    def undo(self, rig: Rig) -> None:
        box = _box(rig)
        rig.ask("rebind", node=box.node, link=box.link)


class NatAddress(Fault, frozen=True, kw_only=True):
    """The box gets another outside address; what is sent to the old one is lost."""

    name: ClassVar[str] = "nat-address"
    undoable: ClassVar[bool] = True

    address: Address

    def apply(self, rig: Rig) -> Saw:
        box = _box(rig)
        rig.ask("ip", node=box.node, lines=[f"address add {self.address}/32 dev {box.link}"])
        for old in _old(rig, box):
            rig.ask("ip", node=box.net, lines=[f"route delete {old}/32 dev {box.net_link}"], force=True)
            rig.ask("ip", node=box.net, lines=[f"route replace blackhole {old}/32"])
        rig.ask("ip", node=box.net, lines=[f"route replace {self.address}/32 dev {box.net_link}"])
        rig.ask("rebind", node=box.node, link=box.link, address=str(self.address))
        return {}

    def undo(self, rig: Rig) -> None:
        box = _box(rig)
        rig.ask("rebind", node=box.node, link=box.link)
        lines = [f"route replace {old}/32 dev {box.net_link}" for old in _old(rig, box)]
        rig.ask("ip", node=box.net, lines=[*lines, f"route delete {self.address}/32 dev {box.net_link}"])
        rig.ask("ip", node=box.node, lines=[f"address delete {self.address}/32 dev {box.link}"])


def _box(rig: Rig) -> _Box:
    for a, a_link, b, b_link in rig.topology.wires:
        for box in (_Box(a, a_link, b, b_link), _Box(b, b_link, a, a_link)):
            if box.node in rig.topology.nats and box.net in rig.topology.nets:
                return box
    raise LabFailed("there is no NAT box between the routers; say which router is behind one")


def _old(rig: Rig, box: _Box) -> list[Address]:
    link = rig.topology.plans[box.node].link(box.link)
    return [attached.address for attached in link.addresses] if link else []
