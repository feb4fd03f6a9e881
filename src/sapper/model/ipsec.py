"""The Router's IPsec: groups, site-to-site peers, DMVPN profiles. Times are seconds."""

from __future__ import annotations

from typing import Literal

import msgspec

from sapper.address import Address, Prefix
from sapper.model.origin import Origin
from sapper.secret import Secret

ConnectionType = Literal["initiate", "trap", "none"]
CloseAction = Literal["none", "trap", "start"]
DpdAction = Literal["clear", "trap", "restart"]
KeyExchange = Literal["ikev1", "ikev2", "any"]
EspMode = Literal["tunnel", "transport"]


class Proposal(msgspec.Struct, frozen=True, gc=False):
    """``prf`` and ``dh_group`` as VyOS numbers and names them; ``dh_group`` None means none."""

    encryption: str = "aes128"
    hash: str = "sha1"
    dh_group: int | None = None
    prf: str | None = None


class EspGroup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str
    origin: Origin
    mode: EspMode = "tunnel"
    lifetime_s: int = 3600
    life_bytes: int | None = None
    life_packets: int | None = None
    pfs: str = "enable"
    rekey: bool = True
    compression: bool = False
    proposals: tuple[Proposal, ...] = ()


class Dpd(msgspec.Struct, frozen=True, gc=False):
    action: DpdAction = "clear"
    interval_s: int = 30
    timeout_s: int = 120


class IkeGroup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str
    origin: Origin
    key_exchange: KeyExchange = "any"
    lifetime_s: int = 28800
    aggressive: bool = False
    close_action: CloseAction = "none"
    dpd: Dpd | None = None
    mobike: bool = True
    proposals: tuple[Proposal, ...] = ()


class PeerTunnel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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


class VtiBind(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    interface: str
    origin: Origin
    esp_group: EspGroup


class Authentication(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``secret`` None: none was found for this peer."""

    mode: Literal["pre-shared-secret", "rsa", "x509"] = "pre-shared-secret"
    local_id: str | None = None
    remote_id: str | None = None
    secret: Secret | None = None
    secret_ids: tuple[str, ...] = ()


class Peer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    virtual_addresses: tuple[str, ...] = ()
    tunnels: tuple[PeerTunnel, ...] = ()
    vti: VtiBind | None = None
    disabled: bool = False


class Profile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``vpn ipsec profile`` (DMVPN): protects the GRE packets of the bound multipoint tunnels."""

    name: str
    origin: Origin
    ike_group: IkeGroup
    esp_group: EspGroup
    secret: Secret | None = None
    tunnels: tuple[str, ...] = ()
    disabled: bool = False


class NhrpTunnel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``protocols nhrp tunnel``: far ends of a multipoint tunnel that are found at run time.

    ``maps`` are pairs of the protocol address (with its length) and the underlay address or name.
    """

    name: str
    origin: Origin
    maps: tuple[tuple[str, str], ...] = ()
    dynamic_maps: tuple[tuple[str, str], ...] = ()
