"""The typed, validated Router: what a configuration says, in the newest generation's terms, before any kernel.

Every record knows its ``origin``: the path in the configuration and the place in the text, for findings. Values
here are what VyOS would work with after defaults; what the text left out and sapper filled in is named by a
finding, not here. Lengths are bytes, times are seconds.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.address import Address, Attached, Prefix
from sapper.config.tree import Span
from sapper.secret import Secret

Encapsulation = Literal[
    "gre", "gretap", "ipip", "sit", "ipip6", "ip6ip6", "ip6gre", "ip6gretap", "erspan", "ip6erspan"
]
ConnectionType = Literal["initiate", "trap", "none"]
CloseAction = Literal["none", "trap", "start"]
DpdAction = Literal["clear", "trap", "restart"]
KeyExchange = Literal["ikev1", "ikev2", "any"]
EspMode = Literal["tunnel", "transport"]
RouteKind = Literal["unicast", "blackhole", "unreachable"]


class Origin(msgspec.Struct, frozen=True):
    """Where a thing stands: its path of words (secrets never among them) and the text from ``start`` to ``end``."""

    path: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class Ethernet(msgspec.Struct, frozen=True, kw_only=True):
    """A physical interface or a VLAN on one (``name`` eth0.10, then ``parent`` is eth0)."""

    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    dynamic: tuple[Literal["dhcp", "dhcpv6", "autoconf"], ...] = ()
    mtu_bytes: int | None = None
    disabled: bool = False
    parent: str | None = None
    vlan: int | None = None


class Dummy(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int | None = None
    disabled: bool = False


class Loopback(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    origin: Origin
    members: tuple[str, ...] = ()
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int | None = None
    disabled: bool = False


class Tunnel(msgspec.Struct, frozen=True, kw_only=True):
    """``interfaces tunnel tunN``. ``remote`` None means multipoint; ``local`` None means chosen by the kernel."""

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
    disabled: bool = False


class Vti(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    origin: Origin
    addresses: tuple[Attached, ...] = ()
    mtu_bytes: int = 1500
    disabled: bool = False


class StaticRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One way for one prefix. ``unicast`` has a next hop, an interface, or both."""

    prefix: Prefix
    origin: Origin
    kind: RouteKind = "unicast"
    next_hop: Address | None = None
    interface: str | None = None
    distance: int = 1
    table: int = 254


class Proposal(msgspec.Struct, frozen=True):
    """``prf`` and ``dh_group`` as VyOS numbers and names them; ``dh_group`` None means none."""

    encryption: str = "aes128"
    hash: str = "sha1"
    dh_group: int | None = None
    prf: str | None = None


class EspGroup(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    origin: Origin
    mode: EspMode = "tunnel"
    lifetime_s: int = 3600
    pfs: str = "enable"
    rekey: bool = True
    compression: bool = False
    proposals: tuple[Proposal, ...] = ()


class Dpd(msgspec.Struct, frozen=True):
    action: DpdAction = "clear"
    interval_s: int = 30
    timeout_s: int = 120


class IkeGroup(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    origin: Origin
    key_exchange: KeyExchange = "any"
    lifetime_s: int = 28800
    aggressive: bool = False
    close_action: CloseAction = "none"
    dpd: Dpd | None = None
    mobike: bool = True
    proposals: tuple[Proposal, ...] = ()


class PeerTunnel(msgspec.Struct, frozen=True, kw_only=True):
    """``tunnel N`` of a peer: one child SA. Empty prefixes mean that side's own address."""

    number: str
    origin: Origin
    esp_group: EspGroup
    protocol: int | None = None
    local_prefixes: tuple[Prefix, ...] = ()
    remote_prefixes: tuple[Prefix, ...] = ()
    local_port: int | None = None
    remote_port: int | None = None
    priority: int | None = None
    disabled: bool = False


class VtiBind(msgspec.Struct, frozen=True, kw_only=True):
    interface: str
    origin: Origin
    esp_group: EspGroup


class Authentication(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` None: none was found for this peer."""

    mode: Literal["pre-shared-secret", "rsa", "x509"] = "pre-shared-secret"
    local_id: str | None = None
    remote_id: str | None = None
    secret: Secret | None = None
    secret_ids: tuple[str, ...] = ()


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """A site-to-site peer. ``remote_addresses`` empty means any; ``local_address`` None means any.

    ``passive`` is the older generations' ``peer @id``: loaded without start action, whatever the connection type.
    """

    name: str
    origin: Origin
    ike_group: IkeGroup
    authentication: Authentication
    connection_type: ConnectionType = "initiate"
    local_address: Address | None = None
    dhcp_interface: str | None = None
    remote_addresses: tuple[Address, ...] = ()
    remote_names: tuple[str, ...] = ()
    passive: bool = False
    force_udp: bool = False
    replay_window: int = 32
    tunnels: tuple[PeerTunnel, ...] = ()
    vti: VtiBind | None = None
    disabled: bool = False


class SourceNat(msgspec.Struct, frozen=True, kw_only=True):
    """One ``nat source rule``. ``translation`` None with ``exclude`` False means masquerade.

    ``protocol`` None means all; ``negated`` names the matches written with ``!`` (``source``, ``destination``,
    ``protocol``, ``outbound``).
    """

    number: int
    origin: Origin
    outbound: str | None = None
    source: Prefix | None = None
    destination: Prefix | None = None
    protocol: int | None = None
    negated: tuple[str, ...] = ()
    translation: Address | None = None
    exclude: bool = False
    unmodelled: tuple[str, ...] = ()


Interface = Ethernet | Dummy | Loopback | Bridge | Tunnel | Vti


class Router(msgspec.Struct, frozen=True, kw_only=True):
    """``unmodelled`` are the paths that were kept but not understood, such as ``protocols bgp``."""

    name: str
    generation: str
    ethernets: tuple[Ethernet, ...] = ()
    dummies: tuple[Dummy, ...] = ()
    loopbacks: tuple[Loopback, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    tunnels: tuple[Tunnel, ...] = ()
    vtis: tuple[Vti, ...] = ()
    routes: tuple[StaticRoute, ...] = ()
    peers: tuple[Peer, ...] = ()
    source_nat: tuple[SourceNat, ...] = ()
    route_autoinstall: bool = True
    unmodelled: tuple[str, ...] = ()
