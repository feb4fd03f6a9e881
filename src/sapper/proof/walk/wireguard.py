"""What a WireGuard device makes of a packet: encrypted for the peer that its destination belongs to, or nothing.

The longest allowed prefix decides (drivers/net/wireguard/allowedips.c). A peer without an endpoint gets nothing until
it has spoken itself, and then what it gets is encrypted too. There is no way out in clear.
"""

from __future__ import annotations

from collections.abc import Iterator

from sapper.kernel.plan import Link, WireguardDevice, WireguardPeer
from sapper.proof.facts.packet import Packet

_UDP = 17


def outer_packets(link: Link, inner: Packet | None) -> Iterator[tuple[str, Packet | None]]:
    """What was done, and the encrypted packet (None: dropped); one for each peer where ``inner`` is not known."""
    device = link.wireguard
    peers = _peers_for(device, inner) if device is not None else ()
    if device is None or not peers:
        yield f"{link.name}: its destination is no peer's, dropped", None
        return
    for peer in peers:
        if peer.endpoint is None:
            yield f"{link.name}: its peer has no endpoint before it has spoken, dropped", None
            continue
        outer = Packet(
            source=None,
            destination=peer.endpoint,
            protocol=_UDP,
            source_port=device.port or None,
            destination_port=peer.port,
            protected=True,
            inner=inner,
        )
        yield f"{link.name} encrypts: {outer}", outer


def _peers_for(device: WireguardDevice, inner: Packet | None) -> tuple[WireguardPeer, ...]:
    if inner is None:
        return device.peers
    ranked = [
        (prefix.length, -at)
        for at, peer in enumerate(device.peers)
        for prefix in peer.allowed
        if inner.destination in prefix
    ]
    return (device.peers[-max(ranked)[1]],) if ranked else ()
