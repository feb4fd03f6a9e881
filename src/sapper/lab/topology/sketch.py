"""What a person may say about the lab's network beside the configurations. Everything has a default: it is inferred.

Names of routers are the lab's (a file's name, made plain). ``interface`` None means the router's first underlay.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.address import Address, Attached, Prefix


class Wan(msgspec.Struct, frozen=True, kw_only=True):
    """A network between routers.

    ``interfaces`` are pairs of router and interface; one that stands nowhere goes to the first WAN whose ``networks``
    hold its address, else to the first WAN without ``networks``, else to the first. ``mtu`` bytes and ``delay_ms``
    apply to what crosses it. ``icmp`` False: it eats ICMP. ``isolated``: it has no way to the other WANs.
    """

    name: str
    networks: tuple[Prefix, ...] = ()
    interfaces: tuple[tuple[str, str], ...] = ()
    delay_ms: float = 0.0
    loss_percent: float = 0.0
    mtu: int | None = None
    icmp: bool = True
    isolated: bool = False


class NatBox(msgspec.Struct, frozen=True, kw_only=True):
    """A NAT box in front of a router; several in front of one are a chain, in order, from the router outwards.

    ``outside`` None: what the peers call the router, or an address of TEST-NET-2. ``forward``: what comes to the
    outer address goes to the router; None: if a peer calls the router by it.
    """

    router: str
    interface: str | None = None
    port_preserving: bool = True
    outside: Attached | None = None
    forward: bool | None = None


class Lan(msgspec.Struct, frozen=True, kw_only=True):
    """Hosts on one of a router's inner interfaces, by their addresses."""

    router: str
    interface: str
    hosts: tuple[Address, ...] = ()


class Attacker(msgspec.Struct, frozen=True, kw_only=True):
    """A host on a WAN that belongs to nobody's network."""

    name: str
    wan: str | None = None
    address: Attached | None = None


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """A routing protocol over some of a router's interfaces; static routes through those are not installed.

    ``networks`` None: all of the router's inner networks are announced.
    """

    router: str
    protocol: Literal["ospf", "bgp"]
    interfaces: tuple[str, ...]
    asn: int | None = None
    networks: tuple[Prefix, ...] | None = None


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it."""

    wans: tuple[Wan, ...] = ()
    nats: tuple[NatBox, ...] = ()
    lans: tuple[Lan, ...] = ()
    attackers: tuple[Attacker, ...] = ()
    routing: tuple[Routing, ...] = ()

    def boxes(self, router: str) -> tuple[NatBox, ...]:
        """The NAT boxes in front of a router, from the router outwards."""
        return tuple(box for box in self.nats if box.router == router)

    def hidden(self) -> frozenset[str]:
        """The routers behind NAT."""
        return frozenset(box.router for box in self.nats)
