"""L2TPv3 over generic netlink: an unmanaged tunnel, and the Ethernet session in it that is the device.

The kernel opens the tunnel's socket itself: the local address must be there and the remote one must have a route.
Ports are in host order here. Source: include/uapi/linux/l2tp.h, net/l2tp/l2tp_netlink.c.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from sapper.address import Address
from sapper.kernel.plan import L2tpSession
from sapper.live.netlink.attribute import (
    address_of,
    attribute,
    parse_attributes,
    text,
    text_of,
    u8,
    u16,
    u32,
    u32_of,
)
from sapper.live.netlink.generic import HEADER, generic
from sapper.live.netlink.message import NLM_F_ACK, NLM_F_DUMP, Request

FAMILY_NAME = "l2tp"
TUNNEL_CREATE, TUNNEL_DELETE, TUNNEL_GET, SESSION_CREATE, SESSION_GET = 1, 2, 4, 5, 8
PW_TYPE, ENCAP_TYPE, PROTO_VERSION, IFNAME = 1, 2, 7, 8
CONN_ID, PEER_CONN_ID, SESSION_ID, PEER_SESSION_ID = 9, 10, 11, 12
IP_SADDR, IP_DADDR, UDP_SPORT, UDP_DPORT, IP6_SADDR, IP6_DADDR = 24, 25, 26, 27, 31, 32
L2TP_VERSION = 3
PWTYPE_ETH = 5  # RFC 4719
ENCAP_NUMBERS = {"udp": 0, "ip": 1}


def create_session(family: int, session: L2tpSession, name: str) -> Iterator[Request]:
    """The tunnel, then the session of which the device is ``name``."""
    source, destination = (IP_SADDR, IP_DADDR) if session.local.family == 4 else (IP6_SADDR, IP6_DADDR)
    tunnel = [
        u32(CONN_ID, session.tunnel_id),
        u32(PEER_CONN_ID, session.peer_tunnel_id),
        u8(PROTO_VERSION, L2TP_VERSION),
        u16(ENCAP_TYPE, ENCAP_NUMBERS[session.encapsulation]),
        attribute(source, session.local.packed),
        attribute(destination, session.remote.packed),
    ]
    if session.encapsulation == "udp":
        tunnel += [u16(UDP_SPORT, session.source_port), u16(UDP_DPORT, session.destination_port)]
    yield generic(family, TUNNEL_CREATE, b"".join(tunnel), NLM_F_ACK, f"L2TP tunnel of link {name}")
    within = [
        u32(CONN_ID, session.tunnel_id),
        u32(PEER_CONN_ID, session.peer_tunnel_id),
        u32(SESSION_ID, session.session_id),
        u32(PEER_SESSION_ID, session.peer_session_id),
        u16(PW_TYPE, PWTYPE_ETH),
        text(IFNAME, name),
    ]
    yield generic(family, SESSION_CREATE, b"".join(within), NLM_F_ACK, f"link {name}")


def delete_tunnel(family: int, session: L2tpSession, name: str) -> Request:
    """Delete the tunnel and its session, and so the device."""
    return generic(family, TUNNEL_DELETE, u32(CONN_ID, session.tunnel_id), NLM_F_ACK, f"L2TP tunnel of link {name}")


def list_tunnels(family: int) -> Request:
    return generic(family, TUNNEL_GET, b"", NLM_F_DUMP, "the L2TP tunnels")


def list_sessions(family: int) -> Request:
    return generic(family, SESSION_GET, b"", NLM_F_DUMP, "the L2TP sessions")


def decode_sessions(tunnels: Iterator[bytes], sessions: Iterator[bytes]) -> dict[str, L2tpSession]:
    """The Ethernet sessions by their device, from the payloads of both dumps. Raises ValueError."""
    by_id = {}
    for payload in tunnels:
        attributes = parse_attributes(payload, HEADER.size)
        by_id[u32_of(attributes.get(CONN_ID)) or 0] = attributes
    found = {}
    for payload in sessions:
        attributes = parse_attributes(payload, HEADER.size)
        tunnel = by_id.get(u32_of(attributes.get(CONN_ID)) or 0)
        if tunnel is not None and IFNAME in attributes:
            found[text_of(attributes[IFNAME])] = _session(tunnel, attributes)
    return found


def _session(tunnel: Mapping[int, bytes], session: Mapping[int, bytes]) -> L2tpSession:
    over_udp = _number(tunnel, ENCAP_TYPE) == ENCAP_NUMBERS["udp"]
    return L2tpSession(
        encapsulation="udp" if over_udp else "ip",
        local=_end(tunnel, IP_SADDR, IP6_SADDR),
        remote=_end(tunnel, IP_DADDR, IP6_DADDR),
        tunnel_id=u32_of(tunnel.get(CONN_ID)) or 0,
        peer_tunnel_id=u32_of(tunnel.get(PEER_CONN_ID)) or 0,
        session_id=u32_of(session.get(SESSION_ID)) or 0,
        peer_session_id=u32_of(session.get(PEER_SESSION_ID)) or 0,
        source_port=_number(tunnel, UDP_SPORT) if over_udp else 0,
        destination_port=_number(tunnel, UDP_DPORT) if over_udp else 0,
    )


def _end(attributes: Mapping[int, bytes], v4: int, v6: int) -> Address:
    address = address_of(attributes.get(v4)) or address_of(attributes.get(v6))
    if address is None:
        raise ValueError("an L2TP tunnel without an address")
    return address


def _number(attributes: Mapping[int, bytes], kind: int) -> int:
    value = attributes.get(kind, b"\0\0")
    if len(value) < 2:
        raise ValueError("a number of one byte")
    return int(struct.unpack_from("=H", value)[0])
