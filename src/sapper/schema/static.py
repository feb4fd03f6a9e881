"""``protocols static``: static routes, in the main table, in numbered ones and in those of the VRFs."""

from __future__ import annotations

from sapper.schema.address_value import IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS, IPV6_PREFIX
from sapper.schema.name_value import INTERFACE, VRF_OR_DEFAULT
from sapper.schema.option import Option, as_immaterial, flag, immaterial, leaf, node, tag, unmodelled
from sapper.schema.value import DESCRIPTION, ValueType, number

_DISTANCE = number(1, 255)
_LOWEST = "Preference: the lowest wins"
_SEGMENTS = "a source route (SRv6)"
_NUMBER = "a number for route maps"


def static_options(static: str) -> tuple[Option, ...]:
    """The routes of both families below ``static``."""
    return (
        *_route_options(f"{static} route", IPV4_PREFIX, IPV4_ADDRESS),
        leaf(f"{static} route * dhcp-interface", "Interface whose DHCP server names the next hop", INTERFACE),
        *_route_options(f"{static} route6", IPV6_PREFIX, IPV6_ADDRESS),
    )


def _route_options(route: str, prefix: ValueType, address: ValueType) -> tuple[Option, ...]:
    hop, interface = f"{route} * next-hop *", f"{route} * interface *"
    return (
        tag(route, "Static route", prefix),
        tag(f"{route} * next-hop", "Router that packets are handed to", address),
        leaf(f"{hop} interface", "Interface that the next hop is reached by", INTERFACE),
        *_way_options(hop),
        *unmodelled(hop, "bfd", "takes the route away when the next hop does not answer"),
        tag(f"{route} * interface", "Interface that packets leave by", INTERFACE),
        *_way_options(interface),
        *_unreached_options(f"{route} * blackhole", "Drop the packets silently"),
        *_unreached_options(f"{route} * reject", "Drop the packets and tell their sender"),
        *as_immaterial("free text", leaf(f"{route} * description", "Free text", DESCRIPTION)),
    )


def _way_options(way: str) -> tuple[Option, ...]:
    return (
        leaf(f"{way} distance", _LOWEST, _DISTANCE, "1"),
        flag(f"{way} disable", "Leave this way out"),
        leaf(f"{way} vrf", "VRF that the way is in", VRF_OR_DEFAULT),
        *unmodelled(way, "segments", _SEGMENTS),
    )


def _unreached_options(way: str, meaning: str) -> tuple[Option, ...]:
    return (
        node(way, meaning),
        leaf(f"{way} distance", _LOWEST, _DISTANCE, "1"),
        *as_immaterial(_NUMBER, leaf(f"{way} tag", "Number for route maps", number(1, 4294967295))),
    )


OPTIONS: tuple[Option, ...] = (
    *static_options("protocols static"),
    tag("protocols static table", "Numbered routing table", number(1, 200)),
    *as_immaterial("free text", leaf("protocols static table * description", "Free text", DESCRIPTION)),
    *static_options("protocols static table *"),
    *immaterial("protocols static", "arp neighbor-proxy", "which link address belongs to which neighbour"),
    *unmodelled("protocols static", "multicast mroute route-map", "may change or reject routes"),
)
