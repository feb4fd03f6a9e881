"""From a tunnel device of the Plan to the layers that it puts around a packet, in the stack language.

The outer IP header is the first of them, except for a VTI, whose packets IPsec itself encapsulates. Linux' defaults
are counted: the encapsulation limit over IPv6, ERSPAN's sequence number, L2TPv3's sublayer.
"""

from __future__ import annotations

from typing import NamedTuple

from sapper.address import Address
from sapper.kernel.plan import Encapsulating, Link

_GRE_OVER_IPV6 = frozenset({"ip6gre", "ip6gretap", "ip6erspan"})
_GRE_WORD = {"gre": "gre", "ip6gre": "gre", "gretap": "gretap", "ip6gretap": "gretap"}
PROTOCOL_UDP = 17
PROTOCOL_L2TP = 115


class DeviceStack(NamedTuple):
    """``outer`` is the outer IP layer, ``inside`` the layers behind it, ``protocol`` the outer header's.

    ``local`` and ``remote`` are the outer header's addresses, None where they are not known before a packet comes.
    """

    outer: str
    inside: tuple[str, ...]
    protocol: int
    local: Address | None
    remote: Address | None
    source_link: str | None = None


def device_stack(link: Link) -> DeviceStack | None:
    """None for a device that is no tunnel of its own (a VTI among them), or lacks what makes it one."""
    if link.encapsulating is not None:
        return _encapsulating(link, link.encapsulating)
    if link.vxlan is not None:
        vxlan = link.vxlan
        far = vxlan.remotes[0] if vxlan.remotes else vxlan.group
        outer = _ip(far, vxlan.local)
        bare = ("vxlan-gpe:ip",) if vxlan.gpe else ("vxlan", "ethernet")
        return DeviceStack(outer, ("udp", *bare), PROTOCOL_UDP, vxlan.local, far, vxlan.link)
    if link.geneve is not None:
        frame = ("geneve:ip",) if link.geneve.inner_protocol else ("geneve", "ethernet")
        return DeviceStack(_ip(link.geneve.remote), ("udp", *frame), PROTOCOL_UDP, None, link.geneve.remote)
    if link.l2tp is not None:
        session = link.l2tp
        over_udp = session.encapsulation == "udp"
        inside = ("udp",) * over_udp + ("l2tpv3:sublayer", "ethernet")
        protocol = PROTOCOL_UDP if over_udp else PROTOCOL_L2TP
        return DeviceStack(_ip(session.remote), inside, protocol, session.local, session.remote)
    if link.wireguard is not None:
        far = _widest([peer.endpoint for peer in link.wireguard.peers if peer.endpoint])
        return DeviceStack(_ip(far), ("udp", "wireguard"), PROTOCOL_UDP, None, far)
    return None


def _encapsulating(link: Link, head: Encapsulating) -> DeviceStack:
    over_ipv6 = link.kind in _GRE_OVER_IPV6 or link.kind == "ip6tnl"
    outer = "ipv4"
    if over_ipv6:
        outer = "ipv6" if head.encaplimit is None else "ipv6:encaplimit"
    inside: tuple[str, ...] = ()
    if link.kind in _GRE_WORD:
        words = ["key"] * (head.key is not None) + ["seq"] * head.sequence
        inside = (_GRE_WORD[link.kind] + (":" + ",".join(words) if words else ""),)
    elif link.kind in ("erspan", "ip6erspan"):
        inside = ("erspan:iii" if head.erspan and head.erspan.version == 2 else "erspan:ii",)
    return DeviceStack(outer, inside, head.protocol, head.local, head.remote, head.link)


def inner_word(link: Link) -> str:
    """The family of the packets inside, where the device fixes it; else that of its first address, else IPv4."""
    if link.kind == "sit" or (link.encapsulating is not None and link.encapsulating.payload == 41):
        return "ipv6"
    if link.kind in ("ipip", "ip6tnl"):
        return "ipv4"
    families = {attached.address.family for attached in link.addresses}
    return "ipv6" if families == {6} else "ipv4"


def _ip(*addresses: Address | None) -> str:
    return "ipv6" if any(address is not None and address.family == 6 for address in addresses) else "ipv4"


def _widest(addresses: list[Address]) -> Address | None:
    """An IPv6 address if there is one: its header is the longer."""
    return max(addresses, key=lambda address: address.family, default=None)
