"""The Router's interfaces, one record for each kind. Lengths are bytes."""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.model.origin import Origin
from sapper.secret import Secret

Encapsulation = Literal[
    "gre", "gretap", "ipip", "sit", "ipip6", "ip6ip6", "ip6gre", "ip6gretap", "erspan", "ip6erspan"
]
SourceValidation = Literal["strict", "loose", "disable"]
VlanProtocol = Literal["802.1q", "802.1ad"]
Clamp = int | Literal["pmtu"]
"""A TCP MSS in bytes, or that of the route's MTU (VyOS: ``clamp-mss-to-pmtu``)."""


class LinkOptions(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What nearly every kind of interface can be told. ``vrf`` None is the default one.

    ``mss_ipv4`` and ``mss_ipv6`` lower the MSS of forwarded SYNs that leave by the interface (``adjust-mss``).
    ``mirror`` and ``redirect`` name the interfaces that packets are copied or moved to. ``link_detect`` False keeps
    the routes of a link without carrier.
    """

    vrf: str | None = None
    mss_ipv4: Clamp | None = None
    mss_ipv6: Clamp | None = None
    source_validation_ipv4: SourceValidation | None = None
    source_validation_ipv6: SourceValidation | None = None
    forwarding_ipv4: bool = True
    forwarding_ipv6: bool = True
    link_local: bool = True
    link_detect: bool = True
    mirror: tuple[str, ...] = ()
    redirect: str | None = None


class Ethernet(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A physical interface, a bond of ``members``, or a VLAN (``name`` eth0.10, then ``parent`` is eth0)."""

    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    dynamic: tuple[Literal["dhcp", "dhcpv6", "autoconf"], ...] = ()
    mtu_bytes: int | None = None
    disabled: bool = False
    parent: str | None = None
    vlan: int | None = None
    vlan_protocol: VlanProtocol = "802.1q"
    members: tuple[str, ...] = ()
    options: LinkOptions = LinkOptions()


class Dummy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int | None = None
    disabled: bool = False
    options: LinkOptions = LinkOptions()


class Loopback(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    options: LinkOptions = LinkOptions()


class Bridge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str
    origin: Origin
    members: tuple[str, ...] = ()
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int | None = None
    disabled: bool = False
    options: LinkOptions = LinkOptions()


class Erspan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """ERSPAN's own fields (draft-foschiano-erspan): ``index`` with version 1, the other two with version 2."""

    version: Literal[1, 2] = 1
    index: int | None = None
    direction: Literal["ingress", "egress"] | None = None
    hw_id: int | None = None


class SixRd(msgspec.Struct, frozen=True, gc=False):
    """6rd (RFC 5969): the provider's IPv6 prefix, and the IPv4 prefix that all its ends share."""

    prefix: Prefix
    relay_prefix: Prefix | None = None


class Tunnel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``interfaces tunnel tunN``. ``remote`` None means multipoint; ``local`` None means chosen by the kernel.

    ``tos`` and ``traffic_class`` None copy the inner packet's; ``flow_label`` None is 0. ``sixrd`` is carried out by
    1.1 and 1.2; newer releases accept it and apply nothing.
    """

    name: str
    origin: Origin
    encapsulation: Encapsulation
    local: Address | None = None
    remote: Address | None = None
    source_interface: str | None = None
    addresses: tuple[Attached, ...] = ()
    key: int | None = None
    ttl: int = 64
    mtu_bytes: int = 1476
    encaplimit: int | None = 4
    pmtu_discovery: bool = True
    ignore_df: bool = False
    multicast: bool = False
    tos: int | None = None
    traffic_class: int | None = None
    flow_label: int | Literal["inherit"] | None = None
    erspan: Erspan | None = None
    sixrd: SixRd | None = None
    disabled: bool = False
    options: LinkOptions = LinkOptions()


class Vti(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int = 1500
    disabled: bool = False
    options: LinkOptions = LinkOptions()


class WireguardPeer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``endpoint`` and ``port`` None: the peer speaks first. Keys are base64 text."""

    name: str
    origin: Origin
    public_key: str | None = None
    preshared_key: Secret | None = None
    allowed: tuple[Prefix, ...] = ()
    endpoint: Address | None = None
    port: int | None = None
    keepalive_s: int | None = None
    disabled: bool = False


class Wireguard(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``port`` None: the kernel chooses one."""

    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int = 1420
    private_key: Secret | None = None
    port: int | None = None
    fwmark: int = 0
    peers: tuple[WireguardPeer, ...] = ()
    disabled: bool = False
    options: LinkOptions = LinkOptions()


class Vxlan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``tos`` None copies the inner packet's. ``vni`` None: taken from each packet (``external``).

    ``vlan_to_vni`` pairs VLANs of the bridge with network identifiers, ranges written out.
    """

    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int = 1500
    vni: int | None = None
    remotes: tuple[Address, ...] = ()
    group: Address | None = None
    local: Address | None = None
    source_interface: str | None = None
    port: int = 4789
    gpe: bool = False
    external: bool = False
    learning: bool = True
    neighbor_suppress: bool = False
    vni_filter: bool = False
    df: Literal["set", "unset", "inherit"] = "unset"
    tos: int | None = None
    ttl: int = 16
    flow_label: int | None = None
    vlan_to_vni: tuple[tuple[int, int], ...] = ()
    disabled: bool = False
    options: LinkOptions = LinkOptions()


class Geneve(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``ttl`` 0 and ``tos`` None copy the inner packet's. The UDP port is the kernel's 6081."""

    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int = 1500
    vni: int | None = None
    remote: Address | None = None
    df: Literal["set", "unset", "inherit"] = "unset"
    tos: int | None = None
    ttl: int = 0
    flow_label: int | None = None
    inner_protocol: bool = False
    disabled: bool = False
    options: LinkOptions = LinkOptions()


class L2tpv3(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An unmanaged L2TPv3 tunnel with one Ethernet session (RFC 3931). Identifiers None: not configured."""

    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int = 1488
    encapsulation: Literal["udp", "ip"] = "udp"
    local: Address | None = None
    remote: Address | None = None
    tunnel_id: int | None = None
    peer_tunnel_id: int | None = None
    session_id: int | None = None
    peer_session_id: int | None = None
    source_port: int = 5000
    destination_port: int = 5000
    disabled: bool = False
    options: LinkOptions = LinkOptions()


class Pppoe(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An underlay whose address the provider gives. ``default_route`` False: none is installed when it is up."""

    name: str
    origin: Origin
    source_interface: str | None = None
    mtu_bytes: int = 1492
    mru_bytes: int | None = None
    default_route: bool = True
    default_route_distance: int = 1
    local: Address | None = None
    remote: Address | None = None
    autoconf: bool = False
    disabled: bool = False
    options: LinkOptions = LinkOptions()


Interface = Ethernet | Dummy | Loopback | Bridge | Tunnel | Vti | Wireguard | Vxlan | Geneve | L2tpv3 | Pppoe
