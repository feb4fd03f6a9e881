"""Hypothesis strategies for devices that are not a plain tunnel: VXLAN, GENEVE, L2TPv3, WireGuard."""

from __future__ import annotations

import base64

from hypothesis import strategies as st
from netlink_strategies import addresses, families, prefixes, u8, u16, u32

from sapper.address import Address, Prefix
from sapper.kernel.plan import GeneveHeader, L2tpSession, VxlanHeader, WireguardDevice, WireguardPeer
from sapper.live.netlink.vxlan import DF_NUMBERS
from sapper.secret import Secret


@st.composite
def vxlan_headers(draw: st.DrawFn) -> VxlanHeader:
    family = draw(families)
    remotes = tuple(
        draw(st.lists(addresses(family).filter(lambda end: not end.is_multicast), max_size=3, unique=True))
    )
    multicast = st.integers(1, 255).map(
        lambda low: Address(family, (0xE << 28 if family == 4 else 0xFF << 120) | low)
    )
    group = draw(st.none() | multicast) if not remotes else None
    return VxlanHeader(
        vni=draw(st.none() | st.integers(0, 0xFFFFFF)),
        local=draw(st.none() | addresses(family)),
        remotes=remotes,
        group=group,
        link=draw(st.none() | st.just("eth0")),
        port=draw(u16),
        ttl=draw(u8),
        tos=draw(st.none() | st.integers(0, 127).map(lambda half: half * 2)),
        df=draw(st.sampled_from(tuple(DF_NUMBERS))),
        flow_label=draw(st.integers(0, 0xFFFFF)),
        learning=draw(st.booleans()),
        vni_filter=draw(st.booleans()),
        gpe=draw(st.booleans()),
    )


geneve_headers = families.flatmap(
    lambda family: st.builds(
        GeneveHeader,
        vni=st.integers(0, 0xFFFFFF),
        remote=addresses(family),
        port=u16,
        ttl=u8,
        tos=st.none() | st.integers(0, 127).map(lambda half: half * 2),
        df=st.sampled_from(tuple(DF_NUMBERS)),
        flow_label=st.integers(0, 0xFFFFF),
        inner_protocol=st.booleans(),
    )
)


@st.composite
def l2tp_sessions(draw: st.DrawFn) -> L2tpSession:
    family, encapsulation = draw(families), draw(st.sampled_from(("udp", "ip")))
    return L2tpSession(
        encapsulation="udp" if encapsulation == "udp" else "ip",
        local=draw(addresses(family)),
        remote=draw(addresses(family)),
        tunnel_id=draw(u32),
        peer_tunnel_id=draw(u32),
        session_id=draw(u32),
        peer_session_id=draw(u32),
        source_port=draw(u16) if encapsulation == "udp" else 0,
        destination_port=draw(u16) if encapsulation == "udp" else 0,
    )


wireguard_keys = st.binary(min_size=32, max_size=32).map(lambda raw: base64.b64encode(raw).decode())


@st.composite
def wireguard_peers(draw: st.DrawFn) -> WireguardPeer:
    """Sometimes with so many allowed addresses that one message cannot hold them."""
    endpoint = draw(st.none() | families.flatmap(addresses))
    first = draw(st.integers(0, 0xFFFF))
    many = tuple(Prefix(6, (0x20010DB8 << 96) + number, 128) for number in range(first, first + 150))
    shared = draw(st.none() | wireguard_keys.filter(lambda key: any(base64.b64decode(key))))
    return WireguardPeer(
        public_key=draw(wireguard_keys),
        allowed=draw(st.just(many) | st.lists(families.flatmap(prefixes), max_size=4).map(tuple)),
        preshared_key=None if shared is None else Secret(shared),
        endpoint=endpoint,
        port=None if endpoint is None else draw(st.integers(1, 0xFFFF)),
        keepalive_s=draw(u16),
    )


wireguard_devices = st.builds(
    WireguardDevice,
    private_key=wireguard_keys.map(Secret),
    port=u16,
    fwmark=u32,
    peers=st.lists(wireguard_peers(), max_size=6, unique_by=lambda peer: peer.public_key).map(tuple),
)
