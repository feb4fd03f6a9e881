"""IFLA_INFO_DATA of tunnels, XFRM interfaces and VLANs: from the Plan's records and back.

Three families of attributes: IFLA_GRE_* (gre, gretap, ip6gre, ip6gretap), IFLA_IPTUN_* (ipip, sit, ip6tnl) and
IFLA_XFRM_*. Everything that the Plan knows is sent, also where it equals the kernel's default, so that the device is
what the Plan says on every kernel. ``tos_inherit`` is TOS 1 over IPv4 and a flag over IPv6; no encapsulation limit
is a flag too. Source: include/uapi/linux/if_tunnel.h, ip6_tunnel.h, net/ipv4/ip_gre.c, net/ipv6/ip6_gre.c.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from sapper.address import Address, Family
from sapper.kernel.plan import Encapsulating, LinkKind
from sapper.live.netlink.attribute import (
    address_of,
    attribute,
    be16,
    be32,
    parse_attributes,
    u8,
    u16,
    u32,
    u32_of,
)

GRE_KEY = 0x2000  # RFC 2890 2: the K bit as it stands on the wire
TOS_INHERIT = 1  # include/net/ip_tunnels.h, tos & 1
IP6_TNL_F_IGN_ENCAP_LIMIT = 0x1  # include/uapi/linux/ip6_tunnel.h
IP6_TNL_F_USE_ORIG_TCLASS = 0x2

GRE_LINK, GRE_IFLAGS, GRE_OFLAGS, GRE_IKEY, GRE_OKEY, GRE_LOCAL, GRE_REMOTE, GRE_TTL, GRE_TOS = range(1, 10)
GRE_PMTUDISC, GRE_ENCAP_LIMIT, GRE_FLOWINFO, GRE_FLAGS = range(10, 14)
GRE_IGNORE_DF = 19

(
    IPTUN_LINK,
    IPTUN_LOCAL,
    IPTUN_REMOTE,
    IPTUN_TTL,
    IPTUN_TOS,
    IPTUN_ENCAP_LIMIT,
    IPTUN_FLOWINFO,
    IPTUN_FLAGS,
    IPTUN_PROTO,
    IPTUN_PMTUDISC,
) = range(1, 11)

XFRM_LINK, XFRM_IF_ID = 1, 2
VLAN_ID = 1

GRE_KINDS: dict[str, Family] = {"gre": 4, "gretap": 4, "ip6gre": 6, "ip6gretap": 6}
IPTUN_KINDS: dict[str, Family] = {"ipip": 4, "sit": 4, "ip6tnl": 6}


def encode_encapsulating(kind: LinkKind, tunnel: Encapsulating, below: int | None) -> bytes:
    """The attributes of a tunnel device. ``below`` is the index of ``tunnel.link``. ValueError: kind not known."""
    if kind in GRE_KINDS:
        return _encode_gre(GRE_KINDS[kind], tunnel, below)
    if kind in IPTUN_KINDS:
        return _encode_iptun(IPTUN_KINDS[kind], tunnel, below)
    raise ValueError(f"no encoding for a tunnel of kind {kind}")


def decode_encapsulating(kind: LinkKind, data: bytes, names: Mapping[int, str]) -> Encapsulating:
    """The record of a tunnel device; ``names`` turns indexes into names. ValueError: kind not known."""
    attributes = parse_attributes(data)
    if kind in GRE_KINDS:
        return _decode_gre(GRE_KINDS[kind], attributes, names)
    if kind in IPTUN_KINDS:
        return _decode_iptun(kind, IPTUN_KINDS[kind], attributes, names)
    raise ValueError(f"no decoding for a tunnel of kind {kind}")


def encode_xfrm(if_id: int, below: int | None = None) -> bytes:
    """The attributes of an XFRM interface, net/xfrm/xfrm_interface_core.c."""
    return (b"" if below is None else u32(XFRM_LINK, below)) + u32(XFRM_IF_ID, if_id)


def decode_xfrm(data: bytes) -> int:
    """The if_id of an XFRM interface."""
    return u32_of(parse_attributes(data).get(XFRM_IF_ID)) or 0


def encode_vlan(vlan: int) -> bytes:
    """The attributes of an 802.1Q device."""
    return u16(VLAN_ID, vlan)


def decode_vlan(data: bytes) -> int:
    return int(struct.unpack("=H", parse_attributes(data)[VLAN_ID][:2])[0])


def _encode_gre(family: Family, tunnel: Encapsulating, below: int | None) -> bytes:
    key_flag = 0 if tunnel.key is None else GRE_KEY
    parts = [
        be16(GRE_IFLAGS, key_flag),
        be16(GRE_OFLAGS, key_flag),
        be32(GRE_IKEY, tunnel.key or 0),
        be32(GRE_OKEY, tunnel.key or 0),
        attribute(GRE_LOCAL, _packed(family, tunnel.local)),
        attribute(GRE_REMOTE, _packed(family, tunnel.remote)),
        u8(GRE_TTL, tunnel.ttl),
    ]
    if below is not None:
        parts.append(u32(GRE_LINK, below))
    if family == 4:
        parts.append(u8(GRE_TOS, TOS_INHERIT if tunnel.tos_inherit else 0))
        parts.append(u8(GRE_PMTUDISC, tunnel.pmtu_discovery))
        if tunnel.ignore_df:
            parts.append(u8(GRE_IGNORE_DF, 1))
    else:
        parts.append(u8(GRE_ENCAP_LIMIT, tunnel.encaplimit or 0))
        parts.append(be32(GRE_FLOWINFO, 0))
        parts.append(u32(GRE_FLAGS, _flags6(tunnel)))
    return b"".join(parts)


def _encode_iptun(family: Family, tunnel: Encapsulating, below: int | None) -> bytes:
    parts = [
        attribute(IPTUN_LOCAL, _packed(family, tunnel.local)),
        attribute(IPTUN_REMOTE, _packed(family, tunnel.remote)),
        u8(IPTUN_TTL, tunnel.ttl),
        u8(IPTUN_PROTO, tunnel.protocol),
    ]
    if below is not None:
        parts.append(u32(IPTUN_LINK, below))
    if family == 4:
        parts.append(u8(IPTUN_TOS, TOS_INHERIT if tunnel.tos_inherit else 0))
        parts.append(u8(IPTUN_PMTUDISC, tunnel.pmtu_discovery))
    else:
        parts.append(u8(IPTUN_ENCAP_LIMIT, tunnel.encaplimit or 0))
        parts.append(be32(IPTUN_FLOWINFO, 0))
        parts.append(u32(IPTUN_FLAGS, _flags6(tunnel)))
    return b"".join(parts)


def _decode_gre(family: Family, attributes: Mapping[int, bytes], names: Mapping[int, str]) -> Encapsulating:
    keyed = int.from_bytes(attributes.get(GRE_OFLAGS, b""), "big") & GRE_KEY
    flags = u32_of(attributes.get(GRE_FLAGS)) or 0
    return Encapsulating(
        protocol=47,
        local=_named(attributes.get(GRE_LOCAL)),
        remote=_named(attributes.get(GRE_REMOTE)),
        link=names.get(u32_of(attributes.get(GRE_LINK)) or 0),
        key=int.from_bytes(attributes[GRE_OKEY], "big") if keyed else None,
        ttl=_octet(attributes, GRE_TTL),
        tos_inherit=_inherits(family, _octet(attributes, GRE_TOS), flags),
        pmtu_discovery=family == 6 or bool(_octet(attributes, GRE_PMTUDISC)),
        ignore_df=bool(_octet(attributes, GRE_IGNORE_DF)),
        encaplimit=_limit(family, _octet(attributes, GRE_ENCAP_LIMIT), flags),
    )


def _decode_iptun(
    kind: LinkKind, family: Family, attributes: Mapping[int, bytes], names: Mapping[int, str]
) -> Encapsulating:
    # A sit device's flags are its own: 2 bytes, about ISATAP.
    flags = u32_of(attributes.get(IPTUN_FLAGS)) or 0 if family == 6 else 0
    protocol = _octet(attributes, IPTUN_PROTO)
    return Encapsulating(
        protocol=protocol,
        local=_named(attributes.get(IPTUN_LOCAL)),
        remote=_named(attributes.get(IPTUN_REMOTE)),
        link=names.get(u32_of(attributes.get(IPTUN_LINK)) or 0),
        ttl=_octet(attributes, IPTUN_TTL),
        tos_inherit=_inherits(family, _octet(attributes, IPTUN_TOS), flags),
        pmtu_discovery=family == 6 or bool(_octet(attributes, IPTUN_PMTUDISC)),
        payload=protocol if kind == "ip6tnl" else None,
        encaplimit=_limit(family, _octet(attributes, IPTUN_ENCAP_LIMIT), flags),
    )


def _packed(family: Family, address: Address | None) -> bytes:
    """The address, or the unspecified one, which is how the kernel writes ``any``."""
    wanted = address or Address(family, 0)
    if wanted.family != family:
        raise ValueError(f"{wanted} cannot be the end of a tunnel over IPv{family}")
    return wanted.packed


def _named(value: bytes | None) -> Address | None:
    address = address_of(value)
    return None if address is None or address.is_unspecified else address


def _octet(attributes: Mapping[int, bytes], kind: int) -> int:
    value = attributes.get(kind)
    return value[0] if value else 0


def _flags6(tunnel: Encapsulating) -> int:
    flags = IP6_TNL_F_IGN_ENCAP_LIMIT if tunnel.encaplimit is None else 0
    return flags | (IP6_TNL_F_USE_ORIG_TCLASS if tunnel.tos_inherit else 0)


def _inherits(family: Family, tos: int, flags: int) -> bool:
    return bool(flags & IP6_TNL_F_USE_ORIG_TCLASS) if family == 6 else tos & TOS_INHERIT == TOS_INHERIT


def _limit(family: Family, limit: int, flags: int) -> int | None:
    return None if family == 4 or flags & IP6_TNL_F_IGN_ENCAP_LIMIT else limit
