"""CFG398: the way to a tunnel's far end leads through that tunnel.

The longest prefix decides, so each far end is looked up once among connected and static prefixes of the main table,
and the ways of lowest distance count. A route that is learnt at run time may be longer; then only a static route to
the far end alone is told. Source: ip_tunnel_xmit and ip6_tnl_xmit, which drop a packet whose route is the tunnel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sapper.address import WIDTH_BITS, Address, Attached, Prefix
from sapper.config.tree import Span
from sapper.model.branch import Branch, first_span
from sapper.rules.devices import devices
from sapper.rules.example import TUNNEL
from sapper.rules.finding import Finding
from sapper.rules.ipsec_tree import address, rendered_peers
from sapper.rules.rule import Rule
from sapper.rules.subject import Subject

_VIA = "set protocols static route"

RULE = Rule(
    code="CFG398",
    title="the far end is routed into its own tunnel",
    severity="warning",
    why=(
        "VyOS does not notice. The outer packet would have to go through the tunnel that made it: the kernel counts "
        "a collision and drops it, so nothing is carried as long as the route stands. The far end needs a longer "
        "route over the underlay."
    ),
    bad=TUNNEL + f"{_VIA} 203.0.113.0/24 interface tun0\n",
    good=TUNNEL + f"{_VIA} 203.0.113.0/24 interface tun0\n{_VIA} 203.0.113.20/32 next-hop 192.0.2.1\n",
)

_LEARNING = ("bgp", "ospf", "ospfv3", "isis", "rip", "ripng", "babel", "eigrp", "openfabric")


class _End(NamedTuple):
    """One far end: the device that its packets go through, and where the end is written."""

    device: str
    address: Address
    path: str
    span: Span


def find(subject: Subject) -> Iterator[Finding]:
    top = subject.top
    routes = {
        prefix: route
        for kind in ("route", "route6")
        for route in top.each("protocols", "static", kind)
        if (prefix := _prefix(route.name)) is not None
    }
    if not routes:
        return
    connected: dict[Prefix, str] = {}
    networks: dict[str, list[Prefix]] = {}
    learnt = any(top.has("protocols", word) for word in _LEARNING) or top.has("interfaces", "pppoe")
    for device in devices(top):
        for value in device.branch.texts("address"):
            learnt = learnt or value.word in ("dhcp", "dhcpv6")
            network = _prefix(value.word)
            if network is not None:
                connected.setdefault(network, device.name)
                networks.setdefault(device.name, []).append(network)
    lengths = sorted({(prefix.family, prefix.length) for prefix in (*routes, *connected)}, reverse=True)
    for end in _ends(top, subject):
        prefix = _longest(end.address, lengths, routes, connected)
        if prefix is None or prefix in connected or (learnt and prefix.length < WIDTH_BITS[prefix.family]):
            continue
        if _leads_into(routes[prefix], end.device, networks.get(end.device, [])):
            message = (
                f"the route to {prefix} leads into {end.device}, and {end.address} is its far end: VyOS does not "
                "notice, and the kernel drops what the tunnel sends"
            )
            yield RULE.finding(message, routes[prefix].where, first_span(routes[prefix].node))


def _ends(top: Branch, subject: Subject) -> Iterator[_End]:
    for tunnel in top.each("interfaces", "tunnel"):
        remote = address(tunnel.text("remote"))
        if remote is not None and not tunnel.has("vrf") and not tunnel.has("disable"):
            yield _End(tunnel.name, remote, tunnel.where, first_span(tunnel.node))
    for peer in rendered_peers(subject):
        bound = peer.in_force("vti", "bind")
        for value in peer.texts("remote-address") if bound is not None else ():
            remote = address(value.word)
            if bound is not None and remote is not None and not top.has("interfaces", "vti", bound.word, "vrf"):
                yield _End(bound.word, remote, peer.where, value.span)


def _longest(
    end: Address, lengths: Sequence[tuple[int, int]], routes: dict[Prefix, Branch], connected: dict[Prefix, str]
) -> Prefix | None:
    for family, length in lengths:
        if family == end.family:
            prefix = Prefix(end.family, end.value, length)
            if prefix in routes or prefix in connected:
                return prefix
    return None


def _leads_into(route: Branch, device: str, networks: list[Prefix]) -> bool:
    """True if every way of lowest distance goes out by the device."""
    ways: dict[int, list[bool]] = {}
    for word in ("interface", "next-hop"):
        for way in route.each(word):
            if not way.has("disable") and not way.has("vrf"):
                ways.setdefault(way.number("distance") or 1, []).append(_by(way, word, device, networks))
    for word in ("blackhole", "reject"):
        branch = route.below(word)
        if branch is not None:
            ways.setdefault(branch.number("distance") or 1, []).append(False)
    return bool(ways) and all(ways[min(ways)]) and not route.has("dhcp-interface")


def _by(way: Branch, word: str, device: str, networks: list[Prefix]) -> bool:
    if word == "interface":
        return way.name == device
    named = way.in_force("interface")
    if named is not None:
        return named.word == device
    hop = address(way.name)
    return hop is not None and any(hop in network for network in networks)


def _prefix(text: str) -> Prefix | None:
    try:
        return Attached.parse(text).prefix
    except ValueError:
        return None
