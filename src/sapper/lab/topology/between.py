"""The nodes between the routers: networks, NAT boxes, the wires that join networks, and an attacker's host.

A network forwards and answers for everything that it knows a way to. Delay and loss are on the way out of it, so a
packet meets them once for each network that it crosses; its MTU is a locked metric of its routes, because a veth
drops what is too large for its end without a word (``is_skb_forwardable``), and a network must say "too big".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sapper.address import Address, Attached, Prefix
from sapper.kernel.plan import DestinationNatRule, Link, Plan, Route, SourceNatRule, Sysctl
from sapper.lab.topology.sketch import NatBox, Wan
from sapper.lab.topology.underlay import LINK_LOCAL
from sapper.lab.topology.value import Furnishing
from sapper.live import nftables

INSIDE, OUTSIDE = "in", "out"
_UDP = 17
# Where the network puts what it knows no way for. Having a way, it also answers ARP for it, as somebody on the wire may.
_VOID = Link(name="void", kind="dummy")
_SWALLOWED = (Route(prefix=Prefix.everything(4), link="void"), Route(prefix=Prefix.everything(6), link="void"))
_TABLE = "sapper_network"
_ICMP_V6_ERRORS_AND_ECHO = [1, 2, 3, 4, 128, 129]  # RFC 4443; neighbour discovery must go on


def wired(name: str, addresses: tuple[Attached, ...]) -> Link:
    """An Ethernet link at the end of a wire."""
    return Link(name=name, kind="ethernet", addresses=addresses)


def network(name: str, links: Sequence[Link], routes: Sequence[Route]) -> Plan:
    """The Plan of a network."""
    return _forwarding(name, [*links, _VOID], [*routes, *_SWALLOWED])


def nat_box(
    name: str,
    box: NatBox,
    gateways: tuple[Attached, ...],
    outside: Attached,
    way: Address,
    inside: tuple[Address, ...],
    forward: bool,
) -> Plan:
    """The Plan of a NAT box: masquerade on the way out and, where asked for, all UDP from outside to the router."""
    routes = [Route(prefix=Prefix.everything(4), via=way)]
    routes += [Route(prefix=Prefix.host(address), link=INSIDE) for address in inside]
    plan = _forwarding(name, [wired(INSIDE, gateways), wired(OUTSIDE, (outside,))], routes)
    masquerade = SourceNatRule(number=1, action="masquerade", out_link=OUTSIDE)
    mapping = DestinationNatRule(
        number=1,
        action="dnat",
        in_link=OUTSIDE,
        destination=Prefix.host(outside.address),
        protocol=_UDP,
        to=next((address for address in inside if address.family == 4), None),
    )
    return Plan(
        name=plan.name,
        links=plan.links,
        routes=plan.routes,
        sysctls=plan.sysctls,
        source_nat=(masquerade,) if box.port_preserving else (),
        destination_nat=(mapping,) if forward and mapping.to is not None else (),
    )


def scrambling() -> Furnishing:
    """A masquerade that changes every source port, as many carriers' NAT does; Linux keeps ports where it can."""
    place = {"family": "ip", "table": _TABLE}
    hook = {"type": "nat", "hook": "postrouting", "prio": nftables.SRCNAT_PRIORITY, "policy": "accept"}
    leaving = nftables.match({"meta": {"key": "oifname"}}, OUTSIDE)
    rule = {**place, "chain": "postrouting", "expr": [leaving, {"masquerade": {"flags": "fully-random"}}]}
    return Furnishing(
        nft=(
            *nftables.replace_table("ip", _TABLE),
            nftables.add("chain", {**place, "name": "postrouting", **hook}),
            nftables.add("rule", rule),
        )
    )


def furnished(
    wan: Wan, links: Iterable[Link], routes: Iterable[Route], proxied: Iterable[tuple[Address, str]]
) -> Furnishing:
    """What a network's delay, loss, MTU and silence need, and whom it answers for over IPv6 (address, link)."""
    shape = _netem(wan)
    ways = [route for route in routes if route.kind == "unicast"]
    return Furnishing(
        ip=(
            *(f"route replace {_way(route)} mtu lock {wan.mtu}" for route in ways if wan.mtu is not None),
            *(f"neigh add proxy {address} dev {link}" for address, link in proxied),
        ),
        tc=tuple(f"qdisc add dev {link.name} root netem{shape}" for link in links if shape),
        nft=() if wan.icmp else tuple(_without_icmp()),
    )


def _netem(wan: Wan) -> str:
    delay = f" delay {wan.delay_ms:g}ms" if wan.delay_ms else ""
    loss = f" loss {wan.loss_percent:g}%" if wan.loss_percent else ""
    return delay + loss


def _way(route: Route) -> str:
    return f"{route.prefix}{f' via {route.via}' if route.via else ''} dev {route.link}"


def _without_icmp() -> list[nftables.Json]:
    place = {"family": "inet", "table": _TABLE}
    commands = nftables.replace_table("inet", _TABLE)
    echo_and_errors = nftables.match(
        {"payload": {"protocol": "icmpv6", "field": "type"}}, {"set": list(_ICMP_V6_ERRORS_AND_ECHO)}
    )
    for chain in ("forward", "output"):
        hook = {"type": "filter", "hook": chain, "prio": 0, "policy": "accept"}
        commands.append(nftables.add("chain", {**place, "name": chain, **hook}))
        for which in (nftables.match({"meta": {"key": "l4proto"}}, "icmp"), echo_and_errors):
            commands.append(nftables.add("rule", {**place, "chain": chain, "expr": [which, {"drop": None}]}))
    return commands


def join(
    at: int, first: str, second: str
) -> tuple[tuple[str, str, str, str], tuple[Link, Link], tuple[Address, ...]]:
    """The wire number ``at`` between two networks, its two links, and the next hops: IPv4, IPv6 to the second, and back."""
    low = (198 << 24) + (19 << 16) + at * 4
    here, there = (Attached(Address(4, low + number), 30) for number in (1, 2))
    here6, there6 = (Attached(Address(6, LINK_LOCAL.first + number), 64) for number in (1, 2))
    links = (wired(f"to-{second}"[:15], (here, here6)), wired(f"to-{first}"[:15], (there, there6)))
    hops = (there.address, there6.address, here.address, here6.address)
    return (first, links[0].name, second, links[1].name), links, hops


def attacker_host(node: str, own: tuple[Attached, ...], gateways: tuple[Address, ...]) -> Plan:
    """A host whose way to everything is the network."""
    routes = tuple(Route(prefix=Prefix.everything(via.family), via=via) for via in gateways)
    return Plan(name=node, links=(wired("eth0", own),), routes=routes)


def _forwarding(name: str, links: list[Link], routes: list[Route]) -> Plan:
    """A node that forwards and answers ARP for whatever it knows a way to, at once (proxy_delay is up to 0.8 s)."""
    return Plan(
        name=name,
        links=tuple(links),
        routes=tuple(routes),
        sysctls=(
            Sysctl("net.ipv4.ip_forward", "1"),
            Sysctl("net.ipv6.conf.all.forwarding", "1"),
            Sysctl("net.ipv4.conf.all.proxy_arp", "1"),
            Sysctl("net.ipv6.conf.all.proxy_ndp", "1"),
            *(
                Sysctl(f"net.{family}.neigh.{link.name}.proxy_delay", "0")
                for link in links
                for family in ("ipv4", "ipv6")
            ),
        ),
    )
