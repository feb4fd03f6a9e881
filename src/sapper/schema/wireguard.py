"""``interfaces wireguard``: a WireGuard interface and its peers.

The private key and the preshared key are secrets; the public key is none. ``fwmark`` marks the encrypted packets.
"""

from __future__ import annotations

from sapper.schema.address_value import IP_ADDRESS, IP_PREFIX, LINK_LOCAL
from sapper.schema.interface import shared_options
from sapper.schema.name_value import FQDN
from sapper.schema.option import Option, as_immaterial, as_unmodelled, flag, leaf, multi, tag
from sapper.schema.value import BASE64, DESCRIPTION, PORT, UNSIGNED, either, matching, secret

_WIREGUARD = "interfaces wireguard *"
_PEER = f"{_WIREGUARD} peer *"
_KEY = secret(BASE64)

OPTIONS: tuple[Option, ...] = (
    tag("interfaces wireguard", "WireGuard interface", matching("a WireGuard interface (wg0 …)", r"wg[0-9]+")),
    leaf(f"{_WIREGUARD} private-key", "Key of this end", _KEY),
    leaf(f"{_WIREGUARD} port", "UDP port of this end; without it the kernel chooses", PORT),
    leaf(f"{_WIREGUARD} fwmark", "Mark of the encrypted packets; 0 is none", UNSIGNED, "0"),
    *as_immaterial(
        "work is spread over threads", flag(f"{_WIREGUARD} per-client-thread", "One thread for each peer")
    ),
    tag(f"{_WIREGUARD} peer", "Peer", matching("a name of 1-100 characters without spaces", r"\S{1,100}")),
    leaf(f"{_PEER} public-key", "Key by which the peer is known", BASE64),
    leaf(f"{_PEER} preshared-key", "Further secret shared with the peer", _KEY),
    multi(f"{_PEER} allowed-ips", "Networks behind the peer: what is sent to it and taken from it", IP_PREFIX),
    leaf(
        f"{_PEER} address", "Address of the peer; without it the peer speaks first", either(IP_ADDRESS, LINK_LOCAL)
    ),
    leaf(f"{_PEER} port", "UDP port of the peer", PORT),
    leaf(f"{_PEER} persistent-keepalive", "Time between packets that keep NAT open", PORT, unit="seconds"),
    flag(f"{_PEER} disable", "Leave this peer out"),
    *as_immaterial("a name for people", leaf(f"{_PEER} description", "Free text", DESCRIPTION)),
    *as_unmodelled("its address is known only at run time", leaf(f"{_PEER} host-name", "Name of the peer", FQDN)),
    *shared_options(_WIREGUARD, mtu_default="1420"),
)
