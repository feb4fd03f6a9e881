"""The lab's network as a value: nodes with their Plans, wires, hosts, and where an attacker can stand.

    host ── east ── (nat) ── net ── west ── host

A net stands for everything between the routers. It knows the way to the routers' outer addresses and swallows
everything else. It answers ARP for everything, so that an assumed WAN without a gateway works too.
Every other node is named for a router and its interface; ``@`` in it keeps it apart from the routers' own names.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any, Literal, NamedTuple

import msgspec

from sapper.address import Address
from sapper.kernel.plan import Connection, Link, Plan
from sapper.lab.result import Node, Wire

NET = "net"
NAT = "nat"


class Host(NamedTuple):
    """A host behind a router: its node and its addresses on that router's inner link."""

    node: str
    router: str
    router_link: str
    addresses: tuple[Address, ...]


class Vantage(NamedTuple):
    """The place in front of a router's underlay where an attacker can put frames on the wire."""

    node: str
    link: str
    router_link: str


class Furnishing(msgspec.Struct, frozen=True, kw_only=True):
    """What a node has that no Plan can say: lines for ``ip -batch`` and ``tc -batch``, commands for ``nft -j``."""

    ip: tuple[str, ...] = ()
    tc: tuple[str, ...] = ()
    nft: tuple[dict[str, Any], ...] = ()


class RoutingDaemon(msgspec.Struct, frozen=True, kw_only=True):
    """A routing protocol of a router over some of its links. ``neighbours`` are pairs of address and AS number."""

    router: str
    protocol: Literal["ospf", "bgp"]
    links: tuple[str, ...]
    identifier: Address
    networks: tuple[str, ...] = ()
    passive: tuple[str, ...] = ()
    asn: int = 65000
    neighbours: tuple[tuple[Address, int], ...] = ()


class Topology(msgspec.Struct, frozen=True, kw_only=True):
    """``plans`` are those of all nodes, the routers' own included; ``wires`` are node, link, node, link.

    ``vantages`` are in front of each router's first underlay. ``nets`` are the nodes that stand for networks between,
    ``nats`` those with NAT, ``attackers`` maps a node to its link. ``peers`` maps a router and its connection to the
    router at the far end; a pair needs none. ``outside`` are the addresses by which the networks know a router.
    """

    routers: tuple[str, ...]
    plans: dict[str, Plan]
    wires: tuple[tuple[str, str, str, str], ...]
    hosts: tuple[Host, ...]
    vantages: dict[str, Vantage]
    captures: tuple[tuple[str, str], ...]
    behind_nat: str | None = None
    nets: tuple[str, ...] = (NET,)
    nats: tuple[str, ...] = ()
    attackers: dict[str, str] = msgspec.field(default_factory=dict)
    peers: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    outside: dict[str, tuple[Address, ...]] = msgspec.field(default_factory=dict)
    furnishings: dict[str, Furnishing] = msgspec.field(default_factory=dict)
    routing: tuple[RoutingDaemon, ...] = ()

    def far(self, router: str, connections: tuple[Connection, ...]) -> str | None:
        """The router at the far end of the first of these connections that leads to one."""
        known = self.peers.get(router, {})
        if not known and len(self.routers) == 2:
            return next(name for name in self.routers if name != router)
        return next((known[connection.name] for connection in connections if connection.name in known), None)

    def neighbours(self) -> list[tuple[str, str, str]]:
        """Every pair of addresses that are neighbours to each other, both ways: node, far address, far node."""
        found = []
        for a, a_link, b, b_link in self.wires:
            for here, here_link, there, there_link in ((a, a_link, b, b_link), (b, b_link, a, a_link)):
                near, far = self.plans[here].link(here_link), self.plans[there].link(there_link)
                if near is not None and far is not None:
                    shared = [item.address for item in far.addresses if _connects(near, item.address)]
                    found += [(here, str(address), there) for address in shared]
        return [*found, *self._across()]

    def _across(self) -> Iterator[tuple[str, str, str]]:
        """Those that share a prefix, but only a network: it answers for each to the other, at its leisure."""
        for net in self.nets:
            ends = [(wire[:2] if wire[2] == net else wire[2:]) for wire in self.wires if net in (wire[0], wire[2])]
            for (here, here_link), (there, there_link) in permutations(ends, 2):
                near, far = self.plans[here].link(here_link), self.plans[there].link(there_link)
                if near is not None and far is not None:
                    shared = [item.address for item in far.addresses if _connects(near, item.address)]
                    yield from ((here, str(address), there) for address in shared)

    def nodes_for_report(self) -> tuple[Node, ...]:
        """The nodes with their roles, for the picture."""
        roles: dict[str, str] = dict.fromkeys(self.nets, "network") | dict.fromkeys(self.nats, "nat")
        roles |= dict.fromkeys(self.routers, "router")
        return tuple(Node(name, roles.get(name, "host")) for name in self.plans)  # type: ignore[arg-type]

    def wires_for_report(self) -> tuple[Wire, ...]:
        """The wires with the addresses at both ends, for the picture."""
        return tuple(
            Wire(f"{a}:{a_link}", f"{b}:{b_link}", self._texts(a, a_link), self._texts(b, b_link))
            for a, a_link, b, b_link in self.wires
        )

    def _texts(self, node: str, name: str) -> tuple[str, ...]:
        link = self.plans[node].link(name)
        return tuple(str(attached) for attached in link.addresses) if link else ()


def _connects(link: Link, address: Address) -> bool:
    return any(address in attached.prefix for attached in link.addresses)
