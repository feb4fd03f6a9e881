"""Routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE.

The table goes into an attribute, because the header's field has one byte. A unicast IPv4 route without a gateway
has link scope, as iproute2 writes it; the kernel needs that to accept it as the way to a gateway. Several ways of the
same metric are one IPv4 route with a list of next hops; IPv6 routes are appended to one another. Source: struct rtmsg
in include/uapi/linux/rtnetlink.h, net/ipv4/fib_frontend.c, net/ipv6/route.c.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import msgspec

from sapper.address import Address, Family, Prefix
from sapper.kernel.plan import MAIN_TABLE, Route
from sapper.live.netlink.attribute import address_of, attribute, parse_attributes, u32, u32_of
from sapper.live.netlink.family import af_of, family_of
from sapper.live.netlink.message import (
    NLM_F_ACK,
    NLM_F_APPEND,
    NLM_F_CREATE,
    NLM_F_DUMP,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    Request,
)

RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE = 24, 25, 26
RTN_UNICAST, RTN_LOCAL, RTN_BLACKHOLE, RTN_UNREACHABLE = 1, 2, 6, 7
RTPROT_KERNEL, RTPROT_BOOT, RTPROT_STATIC = 2, 3, 4
RT_SCOPE_UNIVERSE, RT_SCOPE_LINK, RT_SCOPE_NOWHERE = 0, 253, 255
RTNH_F_ONLINK = 4  # the gateway is on the link, whatever the table says
RTA_DST, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_PREFSRC, RTA_MULTIPATH, RTA_TABLE = 1, 4, 5, 6, 7, 9, 15
RTA_VIA = 18  # an IPv4 route with an IPv6 gateway: family and address
KIND_NUMBERS = {"unicast": RTN_UNICAST, "blackhole": RTN_BLACKHOLE, "unreachable": RTN_UNREACHABLE}

_HEAD = struct.Struct("=BBBBBBBBI")  # family, dst length, src length, tos, table, protocol, scope, type, flags
_NEXT_HOP = struct.Struct("=HBBi")  # length, flags, weight less 1, device


class Way(msgspec.Struct, frozen=True):
    """One next hop of a route with several. ``out`` is the index of the device."""

    via: Address | None
    out: int
    flags: int = 0


class RouteMessage(msgspec.Struct, frozen=True, kw_only=True):
    """``type`` is the kernel's number (RTN_*), ``out`` the index of the device, ``metric`` 0 the kernel's choice.

    ``ways``: the next hops of a route that has several; ``via`` and ``out`` are then None.
    """

    prefix: Prefix
    type: int = RTN_UNICAST
    via: Address | None = None
    out: int | None = None
    source: Address | None = None
    metric: int = 0
    table: int = MAIN_TABLE
    protocol: int = RTPROT_STATIC
    scope: int = RT_SCOPE_UNIVERSE
    flags: int = 0
    ways: tuple[Way, ...] = ()


def encode_route(message: RouteMessage) -> bytes:
    prefix = message.prefix
    table = message.table if message.table < 256 else 0
    parts = [
        _HEAD.pack(
            af_of(prefix.family),
            prefix.length,
            0,
            0,
            table,
            message.protocol,
            message.scope,
            message.type,
            message.flags,
        )
    ]
    if prefix.length:
        parts.append(attribute(RTA_DST, prefix.network.packed))
    if message.via is not None:
        parts.append(_gateway(prefix.family, message.via))
    if message.out is not None:
        parts.append(u32(RTA_OIF, message.out))
    if message.source is not None:
        parts.append(attribute(RTA_PREFSRC, message.source.packed))
    if message.metric:
        parts.append(u32(RTA_PRIORITY, message.metric))
    if message.ways:
        parts.append(attribute(RTA_MULTIPATH, b"".join(_encode_way(prefix.family, way) for way in message.ways)))
    parts.append(u32(RTA_TABLE, message.table))
    return b"".join(parts)


def decode_route(payload: bytes) -> RouteMessage:
    """The record of an RTM_NEWROUTE payload; ValueError for bytes that are none."""
    if len(payload) < _HEAD.size:
        raise ValueError("a route message that is too short")
    af, length, _, _, table, protocol, scope, kind, flags = _HEAD.unpack_from(payload)
    family = family_of(af)
    attributes = parse_attributes(payload, _HEAD.size)
    destination = address_of(attributes.get(RTA_DST)) or Address(family, 0)
    wide = u32_of(attributes.get(RTA_TABLE))
    return RouteMessage(
        prefix=Prefix(family, destination.value, length),
        type=kind,
        via=_gateway_of(attributes),
        out=u32_of(attributes.get(RTA_OIF)),
        source=address_of(attributes.get(RTA_PREFSRC)),
        metric=u32_of(attributes.get(RTA_PRIORITY)) or 0,
        table=table if wide is None else wide,
        protocol=protocol,
        scope=scope,
        flags=flags,
        ways=tuple(_decode_ways(attributes.get(RTA_MULTIPATH, b""))),
    )


def message_of(route: Route, out: int | None) -> RouteMessage:
    """The message of the Plan's route; ``out`` is the index of ``route.link``."""
    scope = RT_SCOPE_UNIVERSE
    if route.kind == "unicast" and route.via is None and route.prefix.family == 4:
        scope = RT_SCOPE_LINK
    return RouteMessage(
        prefix=route.prefix,
        type=KIND_NUMBERS[route.kind],
        via=route.via,
        out=out,
        source=route.source,
        metric=route.metric,
        table=route.table,
        scope=scope,
        flags=RTNH_F_ONLINK if route.onlink else 0,
    )


def add_route(route: Route, out: int | None) -> Request:
    """Add the route; refused if one with the same prefix, table and metric exists."""
    return _write(route, out, NLM_F_CREATE | NLM_F_EXCL)


def replace_route(route: Route, out: int | None) -> Request:
    """Add the route, in the place of one with the same prefix, table and metric."""
    return _write(route, out, NLM_F_CREATE | NLM_F_REPLACE)


def append_route(route: Route, out: int | None) -> Request:
    """Add the route as one more way beside those with the same prefix, table and metric."""
    return _write(route, out, NLM_F_CREATE | NLM_F_APPEND)


def replace_ways(ways: Sequence[tuple[Route, int]]) -> Request:
    """One route with a next hop for each of these, in the place of one with the same prefix, table and metric.

    ``ways`` are routes of the Plan that differ in their next hop only, each with the index of its device.
    """
    first, out = ways[0]
    whole = msgspec.structs.replace(
        message_of(first, out),
        via=None,
        out=None,
        flags=0,
        scope=RT_SCOPE_UNIVERSE,
        ways=tuple(Way(route.via, device, RTNH_F_ONLINK if route.onlink else 0) for route, device in ways),
    )
    flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE
    return Request(RTM_NEWROUTE, flags, encode_route(whole), describe_route(first))


def delete_route(route: Route, out: int | None) -> Request:
    message = encode_route(message_of(route, out))
    return Request(RTM_DELROUTE, NLM_F_ACK, message, describe_route(route))


def list_routes(family: Family) -> Request:
    """Dump the routes of every table of one family; the answers are for :func:`decode_route`."""
    return Request(
        RTM_GETROUTE, NLM_F_DUMP, _HEAD.pack(af_of(family), 0, 0, 0, 0, 0, 0, 0, 0), f"the IPv{family} routes"
    )


def describe_route(route: Route) -> str:
    """The route in iproute2's words, for messages."""
    words = ["route"] if route.kind == "unicast" else ["route", route.kind]
    words.append(str(route.prefix))
    if route.via is not None:
        words += ["via", str(route.via)]
    if route.link is not None:
        words += ["dev", route.link]
    if route.table != MAIN_TABLE:
        words += ["table", str(route.table)]
    return " ".join(words)


def _write(route: Route, out: int | None, flags: int) -> Request:
    payload = encode_route(message_of(route, out))
    return Request(RTM_NEWROUTE, NLM_F_ACK | flags, payload, describe_route(route))


def _gateway(family: Family, via: Address) -> bytes:
    if via.family == family:
        return attribute(RTA_GATEWAY, via.packed)
    return attribute(RTA_VIA, struct.pack("=H", af_of(via.family)) + via.packed)


def _gateway_of(attributes: dict[int, bytes]) -> Address | None:
    if RTA_VIA in attributes:
        return address_of(attributes[RTA_VIA][2:])
    return address_of(attributes.get(RTA_GATEWAY))


def _encode_way(family: Family, way: Way) -> bytes:
    gateway = b"" if way.via is None else _gateway(family, way.via)
    return _NEXT_HOP.pack(_NEXT_HOP.size + len(gateway), way.flags, 0, way.out) + gateway


def _decode_ways(buffer: bytes) -> Iterator[Way]:
    offset = 0
    while offset + _NEXT_HOP.size <= len(buffer):
        length, flags, _, out = _NEXT_HOP.unpack_from(buffer, offset)
        if not _NEXT_HOP.size <= length <= len(buffer) - offset:
            raise ValueError(f"a next hop of {length} bytes does not fit")
        gateway = parse_attributes(buffer[offset : offset + length], _NEXT_HOP.size)
        yield Way(_gateway_of(gateway), out, flags)
        offset += (length + 3) & ~3
