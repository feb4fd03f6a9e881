"""The pieces of which the settled facts are made: one router with a WAN, a LAN and whatever a fact needs beside."""

from __future__ import annotations

from typing import NamedTuple

from brute_force import Ending as Said
from msgspec.structs import replace

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import (
    Child,
    Connection,
    Encapsulating,
    Link,
    LinkKind,
    Plan,
    Route,
    Selector,
    SourceNatRule,
)
from sapper.proof.facts.packet import Packet
from sapper.proof.states.lifecycle import TABLE
from sapper.proof.states.situation import UNDISTURBED, Move, Situation

EAST, WEST = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
FAR = Prefix.parse("10.2.0.0/24")
DROPPED: frozenset[Said] = frozenset({("dropped",)})
DELIVERED: frozenset[Said] = frozenset({("delivered",)})


class Fact(NamedTuple):
    """What the router does with that packet; ``asked``: the second opinion knows of it, too."""

    plan: Plan
    situation: Situation
    packet: Packet
    ends: frozenset[Said]
    device: str | None = None
    asked: bool = True


def ethernet(name: str, *addresses: str, **fields: object) -> Link:
    return replace(Link(name=name, kind="ethernet", addresses=tuple(map(Attached.parse, addresses))), **fields)


WAN = ethernet("eth0", "192.0.2.10/24")
WAN_2 = ethernet("eth1", "198.51.100.10/24")
LAN = ethernet("eth2", "10.1.0.1/24")
DUMMY = replace(ethernet("dum0", "10.10.0.1/32"), kind="dummy")


def route(prefix: str, by: str = "", **fields: object) -> Route:
    """By a next hop, an interface, or (empty) nothing: then the kind says what happens."""
    hop = {"via": Address.parse(by)} if by[:1].isdigit() or ":" in by else {"link": by} if by else {}
    return replace(Route(prefix=Prefix.parse(prefix), metric=1), **hop, **fields)


DEFAULT = route("0.0.0.0/0", "192.0.2.1")
DEFAULT_2 = route("0.0.0.0/0", "198.51.100.1", metric=20)
HOLE = route("10.10.0.2/32", kind="blackhole", metric=254)
MASQUERADE = SourceNatRule(number=100, action="masquerade", out_link="eth0")


def child(local: str = "10.1.0.0/24", remote: str = "10.2.0.0/24", **fields: object) -> Child:
    made = Child(
        name="child",
        title="child",
        mode="tunnel",
        local_ts=(Selector(Prefix.parse(local)),),
        remote_ts=(Selector(Prefix.parse(remote)),),
        esp_proposals=("aes128-sha256",),
        start_action="trap",
    )
    return replace(made, **fields)


def narrow(
    local: str, remote: str, protocol: int | None = None, port: int | None = None, **fields: object
) -> Child:
    """With a protocol on both sides, and a port on the far one."""
    near, far = Selector(Prefix.parse(local), protocol), Selector(Prefix.parse(remote), protocol, port)
    return child(**{"local_ts": (near,), "remote_ts": (far,), **fields})  # type: ignore[arg-type]


DUMMIES = child("10.10.0.1/32", "10.10.0.2/32")
OUTER = narrow("192.0.2.10/32", "203.0.113.20/32", 47, mode="transport")


def west(*children: Child, **fields: object) -> Connection:
    made = Connection(
        name="west",
        title="west",
        version=2,
        local_addrs=(EAST,),
        remote_addrs=(WEST,),
        proposals=(),
        children=children,
        dpd_delay_s=30,
    )
    return replace(made, **fields)


def east(
    *links: Link, routes: tuple[Route, ...] = (DEFAULT,), children: tuple[Child, ...] = (), **more: object
) -> Plan:
    """eth0, eth2 and those links; one connection with those children, more of them in ``connections``."""
    connections = (west(*children),) if children else ()
    plan = Plan(name="east", links=(WAN, LAN, *links), routes=routes, connections=connections)
    return replace(plan, **more)


def also(plan: Plan, *others: Connection) -> Plan:
    return replace(plan, connections=(*plan.connections, *others))


def tunnel(
    kind: LinkKind = "gre",
    protocol: int = 47,
    local: str = "192.0.2.10",
    remote: str = "203.0.113.20",
    **more: object,
) -> Link:
    """tun0 with an address of its own; ``link`` and ``payload`` are the device's."""
    bound = {name: more.pop(name) for name in ("link", "payload") if name in more}
    outside = Encapsulating(protocol=protocol, local=Address.parse(local), remote=Address.parse(remote))
    made = Link(
        name="tun0",
        kind=kind,
        addresses=(Attached.parse("10.0.0.1/29"),),
        encapsulating=replace(outside, **bound),
    )
    return replace(made, **more)


VTI = Link(
    name="vti0", kind="xfrm", up=False, addresses=(Attached.parse("10.0.9.1/29"),), if_id=1, raised_by="child"
)


def state(
    label: str, *raised: str, move: Move = UNDISTURBED, others: tuple[tuple[str, str], ...] = ()
) -> Situation:
    rows = {row.label: row for row in TABLE}
    return Situation(rows[label], frozenset(raised), tuple((name, rows[one]) for name, one in others), move)


def packet(source: str = "10.1.0.5", destination: str = "10.2.0.9", protocol: int = 1, **fields: object) -> Packet:
    """``source`` empty: the kernel chooses it."""
    start = Address.parse(source) if source else None
    return replace(Packet(source=start, destination=Address.parse(destination), protocol=protocol), **fields)


def clear(link: str, source: str = "10.1.0.5", destination: str = "10.2.0.9", protocol: int = 1) -> frozenset[Said]:
    return frozenset({("clear", link, source, destination, str(protocol))})


def encrypted(link: str = "eth0") -> frozenset[Said]:
    return frozenset({("encrypted", link)})
