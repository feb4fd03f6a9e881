"""An attacker in front of a router: plain packets of an encapsulation that nobody protected."""

from __future__ import annotations

import base64
import struct
from typing import Any, ClassVar, Literal

from sapper.address import Address, Family
from sapper.lab.faults.fault import Fault, Saw, side_of
from sapper.lab.injection import datagram, packet
from sapper.lab.probes import PROBE_PORT
from sapper.lab.rig import LabFailed, Rig, Side
from sapper.lab.topology import underlay_of

_QUIET_S, _LIMIT_S = 0.1, 3.0
_PROTOCOLS = {"gre": 47, "ipip": 4, "6in4": 41}
_INNER_FAMILY: dict[str, Family] = {"gre": 4, "ipip": 4, "6in4": 6}
_ETHERTYPE = {4: 0x0800, 6: 0x86DD}


class Attacked(Fault, frozen=True, kw_only=True):
    """Plain packets of that encapsulation to the router's outer address, with a datagram for the router inside.

    ``claim`` is the source that they claim; without it the tunnel's own far end, so the other router's outer address.
    Saw: injected, decapsulated.
    """

    name: ClassVar[str] = "attacked"

    router: str
    encapsulation: Literal["gre", "ipip", "6in4"]
    claim: Address | None = None
    key: int | None = None
    packets: int = 5

    def apply(self, rig: Rig) -> Saw:
        side = side_of(rig, self.router)
        token = f"sapper:attack:{self.router}:{self.encapsulation}"
        heard = inject(rig, self.router, self._forged(rig, side, token), self.packets)
        return {"injected": self.packets, "decapsulated": sum(each.get(token, 0) for each in heard.values())}

    def _forged(self, rig: Rig, side: Side, token: str) -> bytes:
        family = _INNER_FAMILY[self.encapsulation]
        local, remote = outer_ends(rig, side)
        inside = next(
            (
                attached
                for link in sorted(side.plan.links, key=lambda link: link.encapsulating is None)
                for attached in link.addresses
                if attached.address.family == family and attached.address != local
            ),
            None,
        )
        if inside is None:
            raise LabFailed(f"{self.router} has no address that an IPv{family} packet inside could go to")
        first = inside.prefix.first
        source = Address(family, next(value for value in (first + 2, first + 1) if value != inside.address.value))
        payload = (token + "|").encode().ljust(64, b".")
        inner = datagram(source, inside.address, payload, PROBE_PORT)
        if self.encapsulation == "gre":
            flags = 0 if self.key is None else 0x2000
            header = struct.pack("!HH", flags, _ETHERTYPE[family])
            inner = header + (b"" if self.key is None else struct.pack("!I", self.key)) + inner
        return packet(self.claim or remote, local, _PROTOCOLS[self.encapsulation], inner)


def outer_ends(rig: Rig, side: Side) -> tuple[Address, Address]:
    """Where this router's tunnel really begins and ends: its tunnel's ends, else the outer addresses."""
    for link in side.plan.links:
        ends = link.encapsulating
        if ends is not None and ends.local is not None and ends.remote is not None:
            return ends.local, ends.remote
    far = rig.topology.far(side.name, side.connections)
    return _first_address(side), _first_address(side_of(rig, far or ""))


def _first_address(side: Side) -> Address:
    return underlay_of(side.plan).addresses[0].address


def inject(rig: Rig, router: str, forged: bytes, count: int) -> dict[str, dict[str, int]]:
    """Puts the packet on the wire in front of the router, and returns which node heard which token how often."""
    front = rig.topology.vantages[router]
    injection: dict[str, Any] = {
        "node": front.node,
        "interface": front.link,
        "router": router,
        "router_interface": front.router_link,
        "packet": base64.b64encode(forged).decode(),
        "count": count,
    }
    answer = rig.ask(
        "measure",
        batches=[{"flows": [], "injections": [injection]}],
        watch={},
        forgetful=rig.names,
        quiet_s=_QUIET_S,
        limit_s=_LIMIT_S,
    )
    heard: dict[str, dict[str, int]] = answer["batches"][0]["heard"]
    return heard
