"""A forged ICMP "fragmentation needed", by somebody who knows nothing but addresses (RFC 1191, RFC 5927).

Linux believes such a message without a look at any connection if it quotes an echo reply of its own (icmp_err in
net/ipv4/icmp.c); quoting ESP it wants a state with that SPI (esp4_err), quoting GRE a tunnel with those ends.
"""

from __future__ import annotations

import struct
from typing import ClassVar, Literal

from sapper.address import Address
from sapper.lab.faults.attacked import inject
from sapper.lab.faults.fault import Fault, Saw, side_of
from sapper.lab.injection import checksum, packet
from sapper.lab.rig import LabFailed, Rig, Side
from sapper.lab.topology import underlay_of

_ICMP, _ESP, _UNREACHABLE, _FRAGMENTATION_NEEDED = 1, 50, 3, 4
_ECHO_REPLY = struct.pack("!BBHHH", 0, 0, 0xFFFF, 0, 0)


class TooBig(Fault, frozen=True, kw_only=True):
    """The message claims ``mtu`` bytes on the way from the router to its peer, and comes from ``claim``.

    ``quoting`` a ping's answer, or ESP with an SPI that nobody has. Saw: path_mtu, what the router's routing
    believes afterwards (None: what it believed before). Taken back by forgetting what is cached.
    """

    name: ClassVar[str] = "too-big"
    undoable: ClassVar[bool] = True

    router: str
    mtu: int = 600
    quoting: Literal["echo-reply", "esp"] = "echo-reply"
    claim: Address = Address.parse("198.51.100.66")

    def apply(self, rig: Rig) -> Saw:
        local, remote = _outer(rig, side_of(rig, self.router))
        if local.family != 4:
            raise LabFailed("too-big forges ICMP for IPv4; the outer addresses are IPv6")
        inject(rig, self.router, self._forged(local, remote), 1)
        return {"path_mtu": rig.ask("path-mtu", node=self.router, destination=str(remote))["mtu"]}

    def undo(self, rig: Rig) -> None:
        rig.ask("ip", node=self.router, lines=["route flush cache"])

    def _forged(self, local: Address, remote: Address) -> bytes:
        quoted = _ECHO_REPLY if self.quoting == "echo-reply" else struct.pack("!II", 0x0BADCAFE, 1)
        about = packet(local, remote, _ICMP if self.quoting == "echo-reply" else _ESP, quoted)
        bare = struct.pack("!BBHHH", _UNREACHABLE, _FRAGMENTATION_NEEDED, 0, 0, self.mtu) + about
        summed = bare[:2] + struct.pack("!H", checksum(bare)) + bare[4:]
        return packet(self.claim, local, _ICMP, summed)


def _outer(rig: Rig, side: Side) -> tuple[Address, Address]:
    """This router's outer address and the one that its ESP goes to."""
    own = underlay_of(side.plan).addresses[0].address
    for connection in side.connections:
        if connection.remote_addrs:
            return own, connection.remote_addrs[0]
    far = side_of(rig, rig.topology.far(side.name, side.connections) or "")
    return own, underlay_of(far.plan).addresses[0].address
