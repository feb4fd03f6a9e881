"""Hypothesis strategies for netlink records: everything that the encoders accept."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from sapper.address import Address, Attached, Family, Prefix
from sapper.kernel.plan import (
    TUNNEL_KINDS,
    Encapsulating,
    ErspanHeader,
    LinkKind,
    Rule,
    SixRdPrefixes,
)
from sapper.live.netlink.address import AddressMessage
from sapper.live.netlink.iptun import SIX_TO_FOUR
from sapper.live.netlink.link import LinkMessage
from sapper.live.netlink.policy import DIRECTIONS, PolicyMessage, Template
from sapper.live.netlink.route import RouteMessage, Way
from sapper.live.netlink.state import Algorithm, StateMessage
from sapper.live.netlink.xfrm import MODE_NUMBERS, XfrmSelector
from sapper.secret import Secret

u8 = st.integers(0, 0xFF)
u16 = st.integers(0, 0xFFFF)
u32 = st.integers(0, 0xFFFFFFFF)
u64 = st.integers(0, (1 << 64) - 1)
index = st.integers(0, 0x7FFFFFFF)
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789.", min_size=1, max_size=15)
families: st.SearchStrategy[Family] = st.sampled_from((4, 6))


def addresses(family: Family) -> st.SearchStrategy[Address]:
    """Any address but the unspecified one, which the kernel takes for "none"."""
    return st.integers(1, (1 << (32 if family == 4 else 128)) - 1).map(lambda value: Address(family, value))


def prefixes(family: Family) -> st.SearchStrategy[Prefix]:
    width = 32 if family == 4 else 128
    return st.builds(
        lambda value, length: Prefix(family, value, length),
        st.integers(0, (1 << width) - 1),
        st.integers(0, width),
    )


@st.composite
def link_messages(draw: st.DrawFn) -> LinkMessage:
    kind = draw(st.none() | names)
    optional_number = st.none() | u32
    return LinkMessage(
        index=draw(index),
        name=draw(st.none() | names),
        kind=kind,
        flags=draw(u32),
        change=draw(u32),
        mtu_bytes=draw(optional_number),
        below=draw(optional_number),
        master=draw(optional_number),
        operstate=draw(st.none() | u8),
        netns_fd=draw(optional_number),
        data=b"" if kind is None else draw(st.binary(max_size=64)),
    )


erspan_headers = st.builds(ErspanHeader, index=st.integers(0, 0xFFFFF)) | st.builds(
    ErspanHeader, version=st.just(2), egress=st.booleans(), hw_id=st.integers(0, 63)
)


@st.composite
def sixrd_prefixes(draw: st.DrawFn) -> SixRdPrefixes:
    """Any but 6to4, which is what a device has that was told nothing."""
    found = SixRdPrefixes(draw(prefixes(6)), draw(prefixes(4)))
    assume(found != SIX_TO_FOUR)
    return found


@st.composite
def tunnels(draw: st.DrawFn) -> tuple[LinkKind, Encapsulating]:
    """A kind and what a device of that kind may be told."""
    kind: Any = draw(st.sampled_from(sorted(TUNNEL_KINDS)))
    family: Family = 6 if kind.startswith("ip6") else 4
    protocol = {"ipip": 4, "sit": 41, "ip6tnl": draw(st.sampled_from((4, 41)))}.get(kind, 47)
    end = st.none() | addresses(family)
    return kind, Encapsulating(
        protocol=protocol,
        local=draw(end),
        remote=draw(end),
        link=draw(st.none() | st.just("eth0")),
        key=draw(st.none() | u32) if protocol == 47 else None,
        ttl=draw(u8),
        tos_inherit=draw(st.booleans()),
        tos=draw(u8) if family == 6 else draw(st.integers(0, 127)) * 2,
        flow_label=draw(st.none() | st.integers(0, 0xFFFFF)) if family == 6 else 0,
        sequence=protocol == 47 and draw(st.booleans()),
        erspan=draw(erspan_headers) if kind.endswith("erspan") else None,
        sixrd=draw(st.none() | sixrd_prefixes()) if kind == "sit" else None,
        pmtu_discovery=family == 6 or draw(st.booleans()),
        ignore_df=kind == "gretap" and draw(st.booleans()),
        payload=protocol if kind == "ip6tnl" else None,
        encaplimit=draw(st.none() | u8) if family == 6 else None,
    )


@st.composite
def address_messages(draw: st.DrawFn) -> AddressMessage:
    family = draw(families)
    length = draw(st.integers(0, 32 if family == 4 else 128))
    attached = Attached(draw(addresses(family)), length)
    return AddressMessage(index=draw(u32), attached=attached, flags=draw(u32), scope=draw(u8))


@st.composite
def route_messages(draw: st.DrawFn) -> RouteMessage:
    family = draw(families)
    via_family = draw(families) if family == 4 else family
    return RouteMessage(
        prefix=draw(prefixes(family)),
        type=draw(u8),
        via=draw(st.none() | addresses(via_family)),
        out=draw(st.none() | u32),
        source=draw(st.none() | addresses(family)),
        metric=draw(u32),
        table=draw(u32),
        protocol=draw(u8),
        scope=draw(u8),
        flags=draw(u32),
        ways=draw(st.lists(st.builds(Way, st.none() | addresses(via_family), index, u8), max_size=3).map(tuple)),
    )


rules = st.builds(Rule, u32, u32, families, st.none() | u32)


@st.composite
def selectors(draw: st.DrawFn) -> XfrmSelector:
    family = draw(families)
    return XfrmSelector(
        source=draw(prefixes(family)),
        destination=draw(prefixes(family)),
        protocol=draw(u8),
        source_port=draw(u16),
        source_port_mask=draw(u16),
        destination_port=draw(u16),
        destination_port_mask=draw(u16),
        device=draw(index),
    )


@st.composite
def templates(draw: st.DrawFn) -> Template:
    family = draw(families)
    end = addresses(family) | st.just(Address(family, 0))
    return Template(
        source=draw(end),
        destination=draw(end),
        protocol=draw(u8),
        spi=draw(u32),
        reqid=draw(u32),
        mode=draw(st.sampled_from(tuple(MODE_NUMBERS))),
        optional=draw(st.booleans()),
    )


policies = st.builds(
    PolicyMessage,
    selector=selectors(),
    direction=st.sampled_from(DIRECTIONS),
    templates=st.lists(templates(), max_size=3).map(tuple),
    block=st.booleans(),
    priority=u32,
    index=u32,
    if_id=u32,
)


def algorithms(*, icv: bool) -> st.SearchStrategy[Algorithm]:
    key = st.binary(max_size=64).map(lambda value: Secret(value.hex()))
    name = st.text("abcdefghijklmnopqrstuvwxyz0123456789()", min_size=1, max_size=63)
    return st.builds(Algorithm, name, key, u32 if icv else st.just(0))


@st.composite
def states(draw: st.DrawFn) -> StateMessage:
    family = draw(families)
    return StateMessage(
        source=draw(addresses(family)),
        destination=draw(addresses(family)),
        spi=draw(u32),
        protocol=draw(u8),
        selector=draw(st.none() | selectors()),
        reqid=draw(u32),
        mode=draw(st.sampled_from(tuple(MODE_NUMBERS))),
        if_id=draw(u32),
        hard_s=draw(st.none() | st.integers(1, (1 << 64) - 1)),
        replay_window=draw(u8),
        flags=draw(u8),
        udp_ports=draw(st.none() | st.tuples(u16, u16)),
        aead=draw(st.none() | algorithms(icv=True)),
        cipher=draw(st.none() | algorithms(icv=False)),
        integrity=draw(st.none() | algorithms(icv=True)),
        bytes=draw(u64),
        packets=draw(u64),
        added_at=draw(u64),
    )
