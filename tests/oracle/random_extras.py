"""Random Plans with what :mod:`random_plans` leaves out: everything that the walk treats in a way of its own.

Guards, rules with matches that sapper does not model, children whose selectors nobody knows beforehand, tunnels without
a remote, WireGuard, bridges and devices that the walk does not follow, several VTIs, ESP that hides nothing, and what a
person states.
"""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st
from random_plans import FAR, NETS, chance, plans

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import (
    Connection,
    DestinationNatRule,
    Guard,
    Link,
    MarkRule,
    Plan,
    Route,
    SourceNatRule,
    Sysctl,
    VxlanHeader,
    WireguardDevice,
    WireguardPeer,
)
from sapper.model.stated import Stated

KEEPING = Sysctl("net.ipv6.conf.all.keep_addr_on_down", "1")


def prefix(family: int = 4) -> st.SearchStrategy[Prefix]:
    return st.sampled_from(NETS[family]).map(Prefix.parse)


@st.composite
def guards(draw: st.DrawFn) -> Guard:
    return Guard(
        name="guard",
        hook=draw(st.sampled_from(["output", "forward", "input", "prerouting"])),
        family=4,
        source=draw(st.none() | prefix()),
        destination=draw(st.none() | prefix()),
        protocol=draw(st.sampled_from([None, 47, 4, 50])),
        link=draw(st.sampled_from([None, "eth0", "eth1", "tun1"])),
    )


@st.composite
def doubtful_rules(draw: st.DrawFn) -> SourceNatRule:
    return SourceNatRule(
        number=50,
        action=draw(st.sampled_from(["masquerade", "accept"])),
        out_link=draw(st.sampled_from(["eth0", "eth*", None])),
        destination=draw(st.none() | prefix()),
        source=draw(st.none() | prefix()),
        unmodelled=("mark",) if draw(chance(60)) else (),
        negated=draw(st.sampled_from([frozenset(), frozenset({"destination"}), frozenset({"outbound"})])),
    )


@st.composite
def wireguard(draw: st.DrawFn) -> Link:
    peers = tuple(
        WireguardPeer(
            public_key=f"key{number}",
            allowed=tuple(draw(st.lists(prefix(), max_size=2))),
            endpoint=draw(st.none() | st.sampled_from(FAR[4]).map(Address.parse)),
            port=51820,
        )
        for number in range(draw(st.integers(1, 2)))
    )
    return Link(
        name="wg0",
        kind="wireguard",
        addresses=(Attached.parse("10.0.7.1/24"),),
        wireguard=WireguardDevice(private_key=None, port=draw(st.sampled_from([0, 51820])), peers=peers),
    )


@st.composite
def less_known_mark(draw: st.DrawFn, rule: MarkRule) -> MarkRule:
    """A rule with a match that sapper does not model, or for every Ethernet interface."""
    return msgspec.structs.replace(
        rule,
        unmodelled=("time",) if draw(chance(25)) else (),
        in_links=("eth*",) if draw(chance(15)) else rule.in_links,
    )


@st.composite
def less_known_translation(draw: st.DrawFn, rule: DestinationNatRule) -> DestinationNatRule:
    """A rule with ports, with a match that sapper does not model, or with several targets."""
    return msgspec.structs.replace(
        rule,
        unmodelled=draw(st.sampled_from([(), (), ("protocol tcp_udp",), ("source port",), ("load-balance",)])),
        port=draw(st.sampled_from([None, None, "53"])),
        to_port=draw(st.sampled_from([None, None, "500"])) if rule.action == "dnat" else None,
    )


@st.composite
def more_links(draw: st.DrawFn, plan: Plan) -> tuple[Link, ...]:
    links = [
        msgspec.structs.replace(link, dynamic=draw(chance(30))) if link.kind == "ethernet" else link
        for link in plan.links
    ]
    if draw(chance(30)):
        links.append(draw(wireguard()))
    if draw(chance(15)):
        links.append(Link(name="br0", kind="bridge", addresses=(Attached.parse("10.0.8.1/24"),)))
        header = VxlanHeader(vni=1, remotes=(Address.parse("203.0.113.20"),))
        links.append(Link(name="vxlan0", kind="vxlan", vxlan=header, master=draw(st.sampled_from([None, "br0"]))))
    tunnels = [at for at, link in enumerate(links) if link.encapsulating]
    if draw(chance(15)) and tunnels:
        at = draw(st.sampled_from(tunnels))
        anywhere = msgspec.structs.replace(links[at].encapsulating, remote=None)  # type: ignore[type-var]
        links[at] = msgspec.structs.replace(links[at], encapsulating=anywhere)
    children = [child.name for item in plan.connections for child in item.children]
    if draw(chance(25)) and children:
        links.append(
            Link(
                name="vti1",
                kind="xfrm",
                up=False,
                addresses=(Attached.parse("10.0.6.1/24"), Attached.parse("2001:db8:f:6::1/64")),
                if_id=draw(st.sampled_from([1, 7])),
                raised_by=draw(st.sampled_from([*children, "nobody"])),
            )
        )
    return tuple(links)


@st.composite
def less_known(draw: st.DrawFn, connection: Connection) -> Connection:
    """Selectors that depend on an unknown address, a child bound to an interface, ESP that hides nothing."""
    children = []
    for child in connection.children:
        changes: dict[str, Any] = {}
        if draw(chance(15)):
            changes["local_ts" if draw(chance(50)) else "remote_ts"] = ()
        if draw(chance(15)):
            changes["if_id"] = 7
        if draw(chance(15)):
            changes["esp_proposals"] = ("null-sha256",)
        children.append(msgspec.structs.replace(child, **changes))
    addresses: dict[str, Any] = {"remote_addrs": ()} if draw(chance(15)) else {}
    if draw(chance(10)):
        addresses["local_addrs"] = ()
    return msgspec.structs.replace(connection, children=tuple(children), **addresses)


@st.composite
def more_routes(draw: st.DrawFn, plan: Plan, links: tuple[Link, ...]) -> tuple[Route, ...]:
    names = [link.name for link in links if link.kind in ("xfrm", "wireguard", "bridge", "vxlan")]
    routes = list(plan.routes)
    for _ in range(draw(st.integers(0, 2))):
        if names:
            metric, table = draw(st.sampled_from([1, 5, 7])), draw(st.sampled_from([254, 254, 220]))
            routes.append(
                Route(prefix=draw(prefix()), link=draw(st.sampled_from(names)), metric=metric, table=table)
            )
    if draw(chance(20)):
        routes.append(Route(prefix=draw(prefix()), via=Address.parse("10.0.6.9"), metric=3))
    return tuple(routes)


@st.composite
def rich_plans(draw: st.DrawFn) -> Plan:
    """A completed Plan; its tunnels may lead into each other in any way."""
    plan = draw(plans())
    links = draw(more_links(plan))
    spoiled = tuple(draw(less_known(item)) for item in plan.connections)
    rules = (*plan.source_nat, *(draw(doubtful_rules()) for _ in range(draw(st.integers(0, 2)))))
    stated = Stated(
        protect=tuple(draw(st.lists(prefix(), max_size=1))) if draw(chance(15)) else (),
        tunnels=("tun1",) if draw(chance(15)) else (),
        trusted=(draw(st.sampled_from(["eth0", "eth1", "eth2"])),) if draw(chance(15)) else (),
    )
    return msgspec.structs.replace(
        plan,
        links=links,
        routes=draw(more_routes(plan, links)),
        connections=spoiled,
        source_nat=draw(st.permutations(rules)) if rules else (),
        guards=tuple(draw(st.lists(guards(), max_size=2))) if draw(chance(30)) else (),
        marks=tuple(draw(less_known_mark(rule)) for rule in plan.marks),
        destination_nat=tuple(draw(less_known_translation(rule)) for rule in plan.destination_nat),
        sysctls=(*plan.sysctls, *((KEEPING,) if draw(chance(25)) else ())),
        stated=stated,
    )
