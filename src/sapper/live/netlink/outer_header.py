"""What the attributes of every tunnel device share: ends, type of service, IPv6's flags and flow information.

``tos_inherit`` is the lowest bit of TOS over IPv4 and a flag over IPv6; no encapsulation limit and an inherited flow
label are flags too. The flow information has the traffic class in bits 20 to 27 and the flow label below, in network
order. Source: include/net/ip_tunnels.h, include/uapi/linux/ip6_tunnel.h.
"""

from __future__ import annotations

from collections.abc import Mapping

from sapper.address import Address, Family
from sapper.encap.encapsulation import AttributeFamily
from sapper.encap.register import ENCAPSULATIONS
from sapper.kernel.plan import Encapsulating
from sapper.live.netlink.attribute import address_of

TOS_INHERIT = 1  # tos & 1
IP6_TNL_F_IGN_ENCAP_LIMIT = 0x1
IP6_TNL_F_USE_ORIG_TCLASS = 0x2
IP6_TNL_F_USE_ORIG_FLOWLABEL = 0x4
_LABEL_MASK = 0xFFFFF


def kinds_of(attributes: AttributeFamily) -> dict[str, Family]:
    """The kinds of link that take that family of attributes, with the family of their outer header."""
    return {
        record.link_kind: record.outer_family
        for record in ENCAPSULATIONS.values()
        if record.attribute_family == attributes and record.outer_family is not None
    }


def packed(family: Family, address: Address | None) -> bytes:
    """The address, or the unspecified one, which is how the kernel writes ``any``. ValueError: the other family."""
    wanted = address or Address(family, 0)
    if wanted.family != family:
        raise ValueError(f"{wanted} cannot be the end of a tunnel over IPv{family}")
    return wanted.packed


def named(value: bytes | None) -> Address | None:
    """The address of an attribute, None for the unspecified one."""
    address = address_of(value)
    return None if address is None or address.is_unspecified else address


def octet(attributes: Mapping[int, bytes], kind: int) -> int:
    """A number of one byte, 0 where it is not there."""
    value = attributes.get(kind)
    return value[0] if value else 0


def be_number(attributes: Mapping[int, bytes], kind: int) -> int:
    """A number in network order, 0 where it is not there."""
    return int.from_bytes(attributes.get(kind, b""), "big")


def tos_octet(tunnel: Encapsulating) -> int:
    """TOS over IPv4."""
    if tunnel.tos & TOS_INHERIT:
        raise ValueError(f"a type of service of {tunnel.tos:#x}: its lowest bit would mean inherit")
    return tunnel.tos | tunnel.tos_inherit


def flags6(tunnel: Encapsulating) -> int:
    flags = IP6_TNL_F_IGN_ENCAP_LIMIT if tunnel.encaplimit is None else 0
    flags |= IP6_TNL_F_USE_ORIG_TCLASS if tunnel.tos_inherit else 0
    return flags | (IP6_TNL_F_USE_ORIG_FLOWLABEL if tunnel.flow_label is None else 0)


def flow_information(tunnel: Encapsulating) -> int:
    return tunnel.tos << 20 | (tunnel.flow_label or 0)


def inherits(family: Family, tos: int, flags: int) -> bool:
    return bool(flags & IP6_TNL_F_USE_ORIG_TCLASS) if family == 6 else bool(tos & TOS_INHERIT)


def type_of_service(family: Family, tos: int, information: int) -> int:
    """What is written where nothing is inherited."""
    return information >> 20 & 0xFF if family == 6 else tos & ~TOS_INHERIT


def flow_label(family: Family, information: int, flags: int) -> int | None:
    if family == 4:
        return 0
    return None if flags & IP6_TNL_F_USE_ORIG_FLOWLABEL else information & _LABEL_MASK


def limit(family: Family, value: int, flags: int) -> int | None:
    return None if family == 4 or flags & IP6_TNL_F_IGN_ENCAP_LIMIT else value
