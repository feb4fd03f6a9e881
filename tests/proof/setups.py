"""The setups of the articles as Plans, made by hand: what the reader and the compiler must arrive at is tested
elsewhere; here they serve the proof."""

from __future__ import annotations

from typing import Literal

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

EAST_WAN, WEST_WAN = Address.parse("192.0.2.10"), Address.parse("203.0.113.20")
EAST_DUMMY, WEST_DUMMY = Address.parse("10.10.0.1"), Address.parse("10.10.0.2")
FAR_LAN = Prefix.parse("10.2.0.0/24")
Action = Literal["none", "trap", "start"]


def wan() -> Link:
    return Link(name="eth0", kind="ethernet", addresses=(Attached(EAST_WAN, 24),))


def lan() -> Link:
    return Link(name="eth1", kind="ethernet", addresses=(Attached.parse("10.1.0.1/24"),))


def default_route() -> Route:
    return Route(prefix=Prefix.everything(4), via=Address.parse("192.0.2.1"), metric=1)


def tunnel(
    local: Address, remote: Address, kind: LinkKind = "gre", protocol: int = 47, key: int | None = None
) -> Link:
    return Link(
        name="tun0",
        kind=kind,
        mtu_bytes=1476,
        addresses=(Attached.parse("10.0.0.1/29"),),
        encapsulating=Encapsulating(protocol=protocol, local=local, remote=remote, key=key),
    )


def connection(child: Child, remote: Address | None = WEST_WAN, dpd: bool = False) -> Connection:
    return Connection(
        name="west",
        version=2,
        local_addrs=(EAST_WAN,),
        remote_addrs=(remote,) if remote else (),
        proposals=("aes128-sha256-modp2048",),
        children=(child,),
        dpd_delay_s=30 if dpd else None,
    )


def transport_gre(start: Action = "start", close: Action = "none") -> Child:
    return Child(
        name="west-tunnel-1",
        title="west tunnel 1",
        mode="transport",
        local_ts=(Selector(Prefix.host(EAST_WAN), 47),),
        remote_ts=(Selector(Prefix.host(WEST_WAN), 47),),
        esp_proposals=("aes128-sha256",),
        start_action=start,
        close_action=close,
    )


def dummy_child(start: Action = "start") -> Child:
    return Child(
        name="west-tunnel-1",
        title="west tunnel 1",
        mode="tunnel",
        local_ts=(Selector(Prefix.host(EAST_DUMMY)),),
        remote_ts=(Selector(Prefix.host(WEST_DUMMY)),),
        esp_proposals=("aes128-sha256",),
        start_action=start,
    )


def canonical(start: Action = "start", close: Action = "none", dpd: bool = False) -> Plan:
    return Plan(
        name="east",
        links=(wan(), lan(), tunnel(EAST_WAN, WEST_WAN)),
        routes=(default_route(), Route(prefix=FAR_LAN, link="tun0", metric=1)),
        connections=(connection(transport_gre(start, close), dpd=dpd),),
    )


def dummy(*, blackhole: bool, start: Action = "start", remote: Address | None = WEST_WAN) -> Plan:
    routes = [default_route(), Route(prefix=FAR_LAN, link="tun0", metric=1)]
    if blackhole:
        routes.append(Route(prefix=Prefix.host(WEST_DUMMY), kind="blackhole", metric=254))
    dum0 = Link(name="dum0", kind="dummy", addresses=(Attached(EAST_DUMMY, 32),))
    return Plan(
        name="east",
        links=(wan(), lan(), dum0, tunnel(EAST_DUMMY, WEST_DUMMY)),
        routes=tuple(routes),
        connections=(connection(dummy_child(start), remote),),
    )


def vti(*, unreachable: bool) -> Plan:
    routes = [default_route(), Route(prefix=FAR_LAN, link="vti0", metric=1)]
    if unreachable:
        routes += [
            Route(prefix=FAR_LAN, kind="unreachable", metric=254),
            Route(prefix=Prefix.parse("10.0.0.0/29"), kind="unreachable", metric=254),
        ]
    vti0 = Link(
        name="vti0",
        kind="xfrm",
        up=False,
        addresses=(Attached.parse("10.0.0.1/29"),),
        if_id=1,
        raised_by="west-vti",
    )
    child = Child(
        name="west-vti",
        title="west vti",
        mode="tunnel",
        local_ts=(Selector(Prefix.everything(4)), Selector(Prefix.everything(6))),
        remote_ts=(Selector(Prefix.everything(4)), Selector(Prefix.everything(6))),
        esp_proposals=("aes128-sha256",),
        start_action="start",
        if_id=1,
        updown="vti0",
    )
    return Plan(
        name="east",
        links=(wan(), lan(), vti0),
        routes=tuple(routes),
        connections=(connection(child),),
    )


def masquerade(plan: Plan, *, exclusion: Prefix | None = None) -> Plan:
    import msgspec

    rules = [SourceNatRule(number=100, action="masquerade", out_link="eth0")]
    if exclusion is not None:
        rules.insert(0, SourceNatRule(number=10, action="accept", out_link="eth0", destination=exclusion))
    return msgspec.structs.replace(plan, source_nat=tuple(rules))
