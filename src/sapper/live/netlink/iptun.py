"""IFLA_IPTUN_*: ipip, sit with 6rd, and ip6tnl, from the Plan's record and back.

A sit device always has a 6rd prefix; 2002::/16 with a relay prefix of length 0 is 6to4, what it has when nobody asked
for one. Source: include/uapi/linux/if_tunnel.h, net/ipv4/ipip.c, net/ipv6/sit.c, net/ipv6/ip6_tunnel.c.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from sapper.address import Prefix
from sapper.kernel.plan import Encapsulating, LinkKind, SixRdPrefixes
from sapper.live.netlink.attribute import attribute, be32, u8, u16, u32, u32_of
from sapper.live.netlink.outer_header import (
    be_number,
    flags6,
    flow_information,
    flow_label,
    inherits,
    kinds_of,
    limit,
    named,
    octet,
    packed,
    tos_octet,
    type_of_service,
)

LINK, LOCAL, REMOTE, TTL, TOS, ENCAP_LIMIT, FLOWINFO, FLAGS, PROTO, PMTUDISC = range(1, 11)
SIXRD_PREFIX, SIXRD_RELAY_PREFIX, SIXRD_PREFIX_LENGTH, SIXRD_RELAY_PREFIX_LENGTH = range(11, 15)

IPTUN_KINDS = kinds_of("IFLA_IPTUN")
SIX_TO_FOUR = SixRdPrefixes(Prefix.parse("2002::/16"), Prefix.everything(4))


def encode_iptun(kind: str, tunnel: Encapsulating, below: int | None) -> bytes:
    """``below`` is the index of ``tunnel.link``."""
    family = IPTUN_KINDS[kind]
    parts = [
        attribute(LOCAL, packed(family, tunnel.local)),
        attribute(REMOTE, packed(family, tunnel.remote)),
        u8(TTL, tunnel.ttl),
        u8(PROTO, tunnel.protocol),
    ]
    if below is not None:
        parts.append(u32(LINK, below))
    if family == 4:
        parts.append(u8(TOS, tos_octet(tunnel)))
        parts.append(u8(PMTUDISC, tunnel.pmtu_discovery))
    else:
        parts.append(u8(ENCAP_LIMIT, tunnel.encaplimit or 0))
        parts.append(be32(FLOWINFO, flow_information(tunnel)))
        parts.append(u32(FLAGS, flags6(tunnel)))
    if tunnel.sixrd is not None:
        parts.append(_encode_sixrd(tunnel.sixrd))
    return b"".join(parts)


def decode_iptun(kind: LinkKind, attributes: Mapping[int, bytes], names: Mapping[int, str]) -> Encapsulating:
    family = IPTUN_KINDS[kind]
    # A sit device's flags are its own: 2 bytes, about ISATAP.
    flags = u32_of(attributes.get(FLAGS)) or 0 if family == 6 else 0
    information = be_number(attributes, FLOWINFO)
    protocol, tos = octet(attributes, PROTO), octet(attributes, TOS)
    return Encapsulating(
        protocol=protocol,
        local=named(attributes.get(LOCAL)),
        remote=named(attributes.get(REMOTE)),
        link=names.get(u32_of(attributes.get(LINK)) or 0),
        ttl=octet(attributes, TTL),
        tos_inherit=inherits(family, tos, flags),
        tos=type_of_service(family, tos, information),
        flow_label=flow_label(family, information, flags),
        pmtu_discovery=family == 6 or bool(octet(attributes, PMTUDISC)),
        payload=protocol if kind == "ip6tnl" else None,
        encaplimit=limit(family, octet(attributes, ENCAP_LIMIT), flags),
        sixrd=_decode_sixrd(attributes) if kind == "sit" else None,
    )


def _encode_sixrd(prefixes: SixRdPrefixes) -> bytes:
    prefix, relay = prefixes.prefix, prefixes.relay
    if (prefix.family, relay.family) != (6, 4):
        raise ValueError(f"6rd with {prefix} and {relay}: expected an IPv6 and an IPv4 prefix")
    return (
        attribute(SIXRD_PREFIX, prefix.network.packed)
        + attribute(SIXRD_RELAY_PREFIX, relay.network.packed)
        + u16(SIXRD_PREFIX_LENGTH, prefix.length)
        + u16(SIXRD_RELAY_PREFIX_LENGTH, relay.length)
    )


def _decode_sixrd(attributes: Mapping[int, bytes]) -> SixRdPrefixes | None:
    if SIXRD_PREFIX not in attributes:
        return None
    prefix = Prefix(6, be_number(attributes, SIXRD_PREFIX), _length(attributes, SIXRD_PREFIX_LENGTH))
    relay = Prefix(4, be_number(attributes, SIXRD_RELAY_PREFIX), _length(attributes, SIXRD_RELAY_PREFIX_LENGTH))
    found = SixRdPrefixes(prefix, relay)
    return None if found == SIX_TO_FOUR else found


def _length(attributes: Mapping[int, bytes], kind: int) -> int:
    value = attributes.get(kind, b"\0\0")
    if len(value) < 2:
        raise ValueError("a prefix length that is too short")
    return int(struct.unpack_from("=H", value)[0])
