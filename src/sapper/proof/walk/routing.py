"""Route lookup as Linux does it: the local table, then those that the rules lead to, charon's 220 and main among them.

Longest prefix first, then the lowest metric; equal ones share the traffic, so all of them come back
(net/ipv4/fib_semantics.c, net/ipv6/route.c).
"""

from __future__ import annotations

from sapper.address import Address, Prefix
from sapper.kernel.plan import MAIN_TABLE, Route
from sapper.proof.facts.packet import Packet
from sapper.proof.facts.policy_routing import tables_in_order
from sapper.proof.states.effective import CONNECTED_V6_METRIC, Kernel

_HOST_LENGTH = {4: 32, 6: 128}
# net/ipv6/addrlabel.c, the longest prefix first.
_LABELS = tuple(
    (Prefix.parse(text), label)
    for text, label in (
        ("::1/128", 0), ("::ffff:0:0/96", 4), ("::/96", 3), ("2001::/32", 6), ("2001:10::/28", 7), ("2002::/16", 2),
        ("fc00::/7", 5), ("::/0", 1),
    )
)  # fmt: skip
# What VyOS gives a route that came by DHCP (its dhclient hook).
ANNOUNCED_DISTANCE = 210


def lookup(
    kernel: Kernel, destination: Address, bound_to: str | None = None, source: Address | None = None, mark: int = 0
) -> tuple[Route, ...]:
    """The routes that a packet for that destination may take; empty where there is none. ``mark`` 0 is none.

    ``bound_to``: a tunnel device's own interface binding. For IPv4 a lookup with a device that finds nothing usable,
    a blackhole included, takes the destination for a neighbour on that device (ip_route_output_key_hash_rcu). For
    IPv6 it is a wish: with a ``source`` given, routes by any device will do (ip6_route_output_flags_noref); without one
    only the device's own count, and a blackhole is passed over.
    """
    if bound_to is not None and destination.family == 6 and source is not None:
        return _preferring(lookup(kernel, destination, mark=mark), bound_to)
    found: tuple[Route, ...] = ()
    for table in tables_in_order(kernel.rules, destination.family, mark):
        found = _longest(kernel, table, destination, bound_to)
        if found:
            break
    if bound_to in kernel.up and destination.family == 4 and all(route.kind != "unicast" for route in found):
        return (Route(prefix=Prefix.host(destination), link=bound_to),)
    return found


def _preferring(routes: tuple[Route, ...], link: str) -> tuple[Route, ...]:
    """Among routes of one rank those by that device, unless the traffic is shared (rt6_score_route)."""
    wanted = tuple(route for route in routes if route.link == link)
    shared = any(route.via is not None for route in routes)
    return wanted if wanted and not shared else routes


def _longest(kernel: Kernel, table: int, destination: Address, bound_to: str | None) -> tuple[Route, ...]:
    best: list[Route] = []
    for route in kernel.tables.get(table, ()):
        if destination not in route.prefix:
            continue
        # What drops is no route by a device: IPv4 looks at it all the same, IPv6 never does (fib6_check_nh).
        other = route.kind == "unicast" or destination.family == 6
        if bound_to is not None and other and route.link != bound_to:
            continue
        if best:
            rank = (route.prefix.length, -route.metric)
            best_rank = (best[0].prefix.length, -best[0].metric)
            if rank < best_rank:
                continue
            if rank > best_rank:
                best = []
        best.append(route)
    reachable = kernel.hijacked in kernel.up and bound_to in (None, kernel.hijacked)
    if table == MAIN_TABLE and reachable and not _stands(best):
        return (Route(prefix=Prefix.host(destination), link=kernel.hijacked),)
    return tuple(best)


def _stands(routes: list[Route]) -> bool:
    """Nothing is more specific than a host route; for the same prefix the better distance wins."""
    if not routes or routes[0].prefix.length != _HOST_LENGTH[routes[0].prefix.family]:
        return False
    extra = CONNECTED_V6_METRIC if routes[0].prefix.family == 6 else 0
    return routes[0].metric - extra < ANNOUNCED_DISTANCE


def source_believed(kernel: Kernel, source: Address, enters: str) -> bool:
    """Whether the reverse path filter takes an IPv4 packet from there that comes in by that interface."""
    check = kernel.entrance.filter_at(enters)
    if not check:
        return True
    back = [route for route in lookup(kernel, source) if route.kind == "unicast"]
    if any(route.link == enters for route in back):
        return True
    has_address = any(item.address.family == 4 for item in kernel.links[enters].addresses)
    return check == "loose" and has_address and bool(back)


def refused_at_entrance(kernel: Kernel, packet: Packet, enters: str | None) -> str | None:
    """Why the settings of the interface stop a packet which comes in there and is not from this router."""
    if packet.destination not in kernel.local and not kernel.entrance.forwards(packet.family, enters):
        return f"{enters or 'nothing'} forwards no IPv{packet.family}"
    return disbelieved(kernel, packet, enters)


def disbelieved(kernel: Kernel, packet: Packet, enters: str | None) -> str | None:
    """Why the reverse path filter stops a packet that comes in there, be it for this router or not."""
    source = packet.source if packet.family == 4 and enters in kernel.links else None
    if source is not None and not source_believed(kernel, source, str(enters)):
        return f"the reverse path filter of {enters} does not believe its source"
    return None


def source_for(kernel: Kernel, route: Route, destination: Address) -> Address | None:
    """The source address that the kernel gives a packet of its own on that route; None if it has none."""
    if route.source is not None:
        return route.source
    if destination.family == 6:
        return _source_v6(kernel, route, destination)
    link = kernel.links.get(route.link or "")
    family = route.prefix.family
    candidates = [attached for attached in (link.addresses if link else ()) if attached.address.family == family]
    for attached in candidates:
        if route.via is not None and route.via in attached.prefix:
            return attached.address
    if candidates:
        return candidates[0].address
    others = (
        attached.address
        for other in kernel.links.values()
        if other.name in kernel.up
        for attached in other.addresses
        if attached.address.family == family
    )
    return next(others, None)


def _source_v6(kernel: Kernel, route: Route, destination: Address) -> Address | None:
    """RFC 6724 5 as far as configured addresses differ: the outgoing interface, the label, the longest common prefix.

    Of equal ones the kernel takes the youngest of an interface (net/ipv6/addrconf.c, ipv6_dev_get_saddr).
    """
    best: tuple[tuple[bool, bool, int], Address] | None = None
    for link in kernel.links.values():
        for attached in reversed(link.addresses):
            own = attached.address
            if own.family != 6 or own not in kernel.local:
                continue
            common = min(128 - (own.value ^ destination.value).bit_length(), attached.prefix.length)
            rank = (link.name == route.link, _label(own) == _label(destination), common)
            if best is None or rank > best[0]:
                best = rank, own
    return None if best is None else best[1]


def _label(address: Address) -> int:
    return next(label for prefix, label in _LABELS if address in prefix)


def perhaps_kept(address: Address | None) -> str:
    """What is not known of an address on an interface that is down: without duplicate detection it serves a tunnel."""
    return f"whether {address} serves a tunnel while its interface is down"


def line_of(route: Route) -> str:
    """The route for a trace."""
    table = {220: " in charon's table 220"}.get(
        route.table, "" if route.table == 254 else f" in table {route.table}"
    )
    prefix = "default route" if route.prefix.length == 0 else f"route {route.prefix}"
    assumed = " (assumed)" if route.assumed else ""
    if route.kind != "unicast":
        return f"{prefix}{table}: {route.kind}"
    way = f" via {route.via}" if route.via else ""
    return f"{prefix}{assumed}{table}{way} dev {route.link}"
