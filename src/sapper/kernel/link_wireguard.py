"""``interfaces wireguard``: the device with its key and its enabled peers (reference, 7.4)."""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.membership import Membership
from sapper.kernel.plan import Link, WireguardDevice, WireguardPeer
from sapper.model.interface import Wireguard
from sapper.model.router import Router


def links(router: Router, membership: Membership) -> Iterator[Link]:
    for wireguard in router.wireguards:
        yield Link(
            name=wireguard.name,
            kind="wireguard",
            up=not wireguard.disabled,
            mtu_bytes=wireguard.mtu_bytes,
            addresses=wireguard.addresses,
            master=membership.master(wireguard.name, wireguard.options),
            wireguard=_device(wireguard),
        )


def _device(wireguard: Wireguard) -> WireguardDevice:
    return WireguardDevice(
        private_key=wireguard.private_key,
        port=wireguard.port or 0,
        fwmark=wireguard.fwmark,
        peers=tuple(
            WireguardPeer(
                public_key=peer.public_key,
                allowed=peer.allowed,
                preshared_key=peer.preshared_key,
                endpoint=peer.endpoint,
                port=peer.port,
                keepalive_s=peer.keepalive_s or 0,
            )
            for peer in wireguard.peers
            if peer.public_key is not None and not peer.disabled
        ),
    )
