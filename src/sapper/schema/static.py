"""``protocols static``: static routes, in the main table and in numbered ones."""

from __future__ import annotations

from sapper.schema.option import Option, flag, immaterial, leaf, node, tag, unmodelled
from sapper.schema.value import INTERFACE, IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS, IPV6_PREFIX, ValueType, number

_DISTANCE = number(1, 255)


def _route_options(route: str, prefix: ValueType, address: ValueType) -> tuple[Option, ...]:
    hop, interface = f"{route} * next-hop *", f"{route} * interface *"
    return (
        tag(route, "Static route", prefix),
        tag(f"{route} * next-hop", "Router that packets are handed to", address),
        leaf(f"{hop} interface", "Interface that the next hop is reached by", INTERFACE),
        leaf(f"{hop} distance", "Preference: the lowest wins", _DISTANCE, "1"),
        flag(f"{hop} disable", "Leave this way out"),
        *immaterial(hop, "bfd", "notices sooner that the next hop is gone"),
        *unmodelled(hop, "vrf segments", "another routing table or a source route"),
        tag(f"{route} * interface", "Interface that packets leave by", INTERFACE),
        leaf(f"{interface} distance", "Preference: the lowest wins", _DISTANCE, "1"),
        flag(f"{interface} disable", "Leave this way out"),
        *unmodelled(interface, "vrf segments", "another routing table or a source route"),
        node(f"{route} * blackhole", "Drop the packets silently"),
        leaf(f"{route} * blackhole distance", "Preference: the lowest wins", _DISTANCE, "1"),
        node(f"{route} * reject", "Drop the packets and tell their sender"),
        leaf(f"{route} * reject distance", "Preference: the lowest wins", _DISTANCE, "1"),
        *immaterial(f"{route} * blackhole", "tag", "a number for route maps"),
        *immaterial(f"{route} * reject", "tag", "a number for route maps"),
        *immaterial(f"{route} *", "description", "free text"),
        *unmodelled(f"{route} *", "dhcp-interface", "the next hop is known only at run time"),
    )


OPTIONS: tuple[Option, ...] = (
    *_route_options("protocols static route", IPV4_PREFIX, IPV4_ADDRESS),
    *_route_options("protocols static route6", IPV6_PREFIX, IPV6_ADDRESS),
    tag("protocols static table", "Numbered routing table", number(1, 200)),
    *immaterial("protocols static table *", "description", "free text"),
    *_route_options("protocols static table * route", IPV4_PREFIX, IPV4_ADDRESS),
    *_route_options("protocols static table * route6", IPV6_PREFIX, IPV6_ADDRESS),
    *immaterial("protocols static", "arp neighbor-proxy", "which link address belongs to which neighbour"),
    *unmodelled("protocols static", "multicast route-map", "may change or reject routes"),
)
